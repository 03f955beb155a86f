const app = require("express")();

app.get("/user/:id", (req, res) => {
  res.send("Unknown user: " + Number(req.params.id));
});

app.get("/hello", (req, res) => {
  res.type("text");
  res.send(`Hello ${req.query.name}`);
});

app.get("/copy", (req, res) => {
  res.send(req.body);
});
