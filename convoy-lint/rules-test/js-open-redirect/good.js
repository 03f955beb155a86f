function login(req, res) {
  res.redirect("/home");
  res.redirect(302, HOME_URL);
}

app.get('/next', (req, res) => {
  if (req.query.next.startsWith('/') && !req.query.next.startsWith('//')) {
    res.redirect(req.query.next);
  }
  res.redirect('/users/' + req.params.id);
});
