app.get("/file", (req, res) => {
  // bad
  fs.readFile(req.query.name, done);
  const name = path.join("/data", req.params.name);
  const file = "/data/" + req.params.name;
  // bad
  res.sendFile(file);
});
app.get("/other", (req, res) => {
  // bad
  fs.readFileSync(path.resolve("/data", req.query.name));
});
