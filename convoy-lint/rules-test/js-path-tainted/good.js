app.get("/file", (req, res) => {
  fs.readFile("/etc/motd", done);
  fs.readFile(path.basename(req.query.name), done);
  res.sendFile(index);
});
app.get('/behind', (req, res) => {
  res.sendFile('data/' + req.params.name);
  res.sendFile(root + '/data/' + req.params.name);
});
