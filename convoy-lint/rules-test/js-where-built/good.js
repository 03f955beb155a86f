app.get('/a', (req, res) => {
  users.find({ $where: 'this.a == this.b' });
  users.find({ name: String(req.query.name) });
});
