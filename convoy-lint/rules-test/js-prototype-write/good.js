app.post("/merge", (req, res) => {
  for (const key of ["a", "b"]) {
    config[key] = req.body[key];
  }
});
app.get('/new', (req, res) => {
  const own = {};
  own[req.query.name] = 1;
  let bare = Object.create(null);
  bare[req.query.name] = 1;
});
