app.get('/a', (req, res) => {
  // bad
  res.send(req.query.text);
});
