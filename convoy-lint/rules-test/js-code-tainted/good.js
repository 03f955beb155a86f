app.post('/a', (req, res) => {
  setTimeout(() => res.send(req.body.code), 100);
  require('./a');
  table[req.body.name](1);
});
