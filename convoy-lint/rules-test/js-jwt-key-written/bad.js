const jwt = require('jsonwebtoken');

const SECRET = 'shhh-it-is-secret';

// bad
jwt.sign({ a: 1 }, SECRET, { expiresIn: '1h' });
// bad
crypto.createHmac('sha256', 'the-hmac-key');
// bad
new Strategy({ secretOrKey: 'in-the-code' }, () => {});
// bad
app.keys = ['this is the key'];
