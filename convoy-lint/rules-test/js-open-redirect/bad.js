function login(req, res) {
  // bad
  res.redirect(req.query.next);
}
