app.get('/b', async (req, res) => {
  fs.existsSync('/srv/a');
  fs.existsSync(path.join('/srv', path.basename(req.query.name)));
});
