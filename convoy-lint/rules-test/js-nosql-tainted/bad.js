const mongoose = require("mongoose");

async function login(req, res) {
  // bad
  const user = await User.findOne(req.body);
}
