const jwt = require("jsonwebtoken");

function who(token, key) {
  const head = jwt.decode(token, { complete: true }).header;
  return jwt.verify(token, key(head.kid)).user;
}
