function page(req, res) {
  res.send(ejs.render(template, { name: req.body.name }));
}
