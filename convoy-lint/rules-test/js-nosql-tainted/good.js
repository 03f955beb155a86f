const mongoose = require("mongoose");

async function login(req, res) {
  const user = await User.findOne({ name: String(req.body.name) });
  const found = list.find(match);
}
