const jwt = require('jsonwebtoken');

const SECRET = process.env.SECRET;

jwt.sign({ a: 1 }, SECRET);
jwt.sign({ a: 1 }, process.env.SECRET);
crypto.createHmac('sha256', key);
