const mongoose = require('mongoose');
const User = require('./user');

mongoose.connect('mongodb://admin:Secr3tPw@db/app'); // CWE-798

exports.login = async (req, res) => {
  const user = await User.findOne({ name: req.body.name, password: req.body.password }); // CWE-943
  const other = await User.find(req.query); // CWE-943
  const third = await User.find({ $where: `this.name == '${req.body.name}'` }); // CWE-943
  const where = { $where: 'this.age > ' + req.query.age }; // CWE-943
  await User.findOneAndUpdate({ _id: req.params.id }, req.body); // CWE-943,915
  await User.deleteMany(req.body); // CWE-943
  res.json({ user, other, third, where });
};

exports.good = async (req, res) => {
  const user = await User.findOne({ name: String(req.body.name) });
  const other = await User.findById(req.params.id);
  res.json({ user, other });
};
