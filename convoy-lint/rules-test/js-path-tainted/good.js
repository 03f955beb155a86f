app.get("/file", (req, res) => {
  fs.readFile("/etc/motd", done);
  fs.readFile(path.basename(req.query.name), done);
  res.sendFile(index);
});
