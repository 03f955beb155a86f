jwt.verify(token, key, { algorithms: ['HS256'] });
const other = 'none';
