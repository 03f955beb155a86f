app.post("/merge", (req, res) => {
  for (const key in req.body) {
    // bad
    config[key] = req.body[key];
  }
});
