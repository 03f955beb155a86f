app.get("/specs", (req, res) => {
  const specs = load();
  specs.tags = {};
  specs.tags[req.query.tag] = 1;
  var signed = {};
  for (var key in req.query) {
    signed[key] = req.query[key];
  }
  res.json({ specs, signed });
});
