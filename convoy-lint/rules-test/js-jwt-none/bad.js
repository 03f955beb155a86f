// bad
jwt.sign({ a: 1 }, null, { algorithm: 'none' });
// bad
jwt.verify(token, key, { algorithms: ['none', 'HS256'] });
