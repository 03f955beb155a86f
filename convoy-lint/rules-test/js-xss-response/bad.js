function hello(req, res) {
  // bad
  res.send("<h1>Hello " + req.query.name + "</h1>");
}
