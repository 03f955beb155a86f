app.get('/a', (req, res) => {
  res.render('page', { name: req.query.name });
  ejs.render('<p><%= name %></p>', { name: req.query.name });
});
