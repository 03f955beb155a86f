const ldap = require('ldapjs');

app.get('/a', (req, res) => {
  // bad
  client.search('dc=example', { filter: '(uid=' + req.query.name + ')' });
});
