const jwt = require("jsonwebtoken");

function who(token) {
  // bad
  return jwt.decode(token).user;
}
