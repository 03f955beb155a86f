app.post('/a', async (req, res) => {
  await User.findOneAndUpdate({ _id: req.params.id }, { name: req.body.name });
  _.merge(settings, defaults);
});
