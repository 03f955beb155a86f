const jwt = require('jsonwebtoken');
const { sign, verify: check } = require('jsonwebtoken');
const expressJwt = require('express-jwt');
const { Strategy } = require('passport-jwt');

const SECRET = 'shhh-it-is-secret';

exports.make = (user) => {
  jwt.sign({ user }, 'my-long-secret'); // CWE-798
  jwt.sign({ user }, SECRET, { expiresIn: '1h' }); // CWE-798
  sign({ user }, 'another-secret'); // CWE-798
  jwt.sign({ user }, null, { algorithm: 'none' }); // CWE-327,347
};

exports.read = (token) => {
  jwt.verify(token, SECRET); // CWE-798
  check(token, 'another-secret'); // CWE-798
  jwt.verify(token, process.env.KEY, { algorithms: ['none', 'HS256'] }); // CWE-327,347
  jwt.verify(token, process.env.KEY, { ignoreExpiration: true }); // CWE-613
  jwt.decode(token); // CWE-347,345
};

exports.middleware = expressJwt({ secret: 'in-the-code', algorithms: ['HS256'] }); // CWE-798
exports.strategy = new Strategy({ secretOrKey: 'in-the-code-too' }, () => {}); // CWE-798

exports.good = (user, token) => {
  jwt.sign({ user }, process.env.JWT_SECRET);
  return jwt.verify(token, process.env.JWT_SECRET, { algorithms: ['HS256'] });
};
