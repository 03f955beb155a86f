function login(req, res) {
  res.redirect("/home");
  res.redirect(302, HOME_URL);
}
