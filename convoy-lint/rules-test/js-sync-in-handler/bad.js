app.get("/", (req, res) => {
  // bad
  res.send(fs.readFileSync("index.html"));
});
