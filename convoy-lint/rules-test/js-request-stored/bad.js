app.post('/a', async (req, res) => {
  // bad
  await User.findOneAndUpdate({ _id: req.params.id }, req.body);
  // bad
  _.merge(settings, req.body);
  // bad
  _.set(settings, req.body.path, req.body.value);
});
