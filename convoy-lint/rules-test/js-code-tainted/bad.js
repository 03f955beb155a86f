app.post('/a', (req, res) => {
  // bad
  setTimeout(req.body.code, 100);
  // bad
  vm.runInContext(req.body.code, {});
  // bad
  require(req.query.module);
  // bad
  serialize.unserialize(req.body.data);
  // bad
  global[req.body.name](1);
});
