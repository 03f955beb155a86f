app.get('/a', (req, res) => {
  // bad
  users.find({ $where: "this.name == '" + req.query.name + "'" });
  // bad
  users.find({ $where: `this.name == '${req.query.name}'` });
});
