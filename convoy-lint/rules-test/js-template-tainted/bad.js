app.get('/a', (req, res) => {
  // bad
  res.render(req.query.page);
  // bad
  handlebars.compile('<p>' + req.query.text + '</p>');
});
