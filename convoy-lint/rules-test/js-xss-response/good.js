function hello(req, res) {
  res.send("<h1>Hello</h1>");
  res.send({ name: req.query.name });
  res.send(`<h1>${escapeHtml(req.query.name)}</h1>`);
}
