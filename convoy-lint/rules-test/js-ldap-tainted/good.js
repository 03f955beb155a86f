const ldap = require('ldapjs');

app.get('/a', (req, res) => {
  client.search('dc=example', { filter: '(uid=admin)' });
});
