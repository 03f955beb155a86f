app.get('/a', (req, res) => {
  res.send('<h1>' + escapeHtml(req.query.name) + '</h1>');
  res.send('<p>ready</p>');
  res.send('hello ' + req.query.name.length);
  socket.send('<b>' + req.query.name + '</b>');
});
