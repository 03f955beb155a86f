app.get('/b', async (req, res) => {
  // bad
  fs.existsSync(req.query.name);
});
