const app = require("express")();

app.get("/user/:id", (req, res) => {
  // bad
  res.send("Unknown user: " + req.params.id);
});

app.get("/hello", (req, res) => {
  const text = `Hello ${req.query.name}`;
  // bad
  res.status(404).send(text);
});
