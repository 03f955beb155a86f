const mongoose = require('mongoose');

exports.login = async (req, res) => {
  // bad
  await User.findOne({ name: 'x', password: req.body.password });
  // bad
  await User.find({ $where: `this.name == '${req.body.name}'` });
};
