app.get('/a', (req, res) => {
  res.json(req.query.text);
  res.send(req.body);
  res.send(text);
});
