const mongoose = require('mongoose');

exports.login = async (req, res) => {
  await User.findOne({ name: String(req.body.name) });
  await User.create({ name: req.body.name });
};
