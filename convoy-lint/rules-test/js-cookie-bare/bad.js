app.get('/a', (req, res) => {
  // bad
  res.cookie('auth_token', token);
});
