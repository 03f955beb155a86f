app.get('/a', (req, res) => {
  // bad
  xpath.select("//user[@name='" + req.query.name + "']", doc);
});
