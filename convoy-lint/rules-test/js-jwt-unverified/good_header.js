const jwt = require("jsonwebtoken");

const keyOf = (token) => {
  const decoded = jwt.decode(token, { complete: true });
  return decoded.header.kid;
};
