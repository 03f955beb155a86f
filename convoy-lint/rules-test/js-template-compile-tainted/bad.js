function page(req, res) {
  // bad
  res.send(ejs.render(req.body.template, {}));
}
