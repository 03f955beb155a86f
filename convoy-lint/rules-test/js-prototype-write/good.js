app.post("/merge", (req, res) => {
  for (const key of ["a", "b"]) {
    config[key] = req.body[key];
  }
});
