app.get('/a', (req, res) => {
  res.cookie('auth_token', token, { httpOnly: true, secure: true });
  res.cookie('theme', 'dark');
});
