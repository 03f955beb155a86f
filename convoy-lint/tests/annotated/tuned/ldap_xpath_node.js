const ldap = require('ldapjs');
const xpath = require('xpath');
const express = require('express');

const app = express();
const client = ldap.createClient({ url: 'ldap://ldap' });

app.get('/a', (req, res) => {
  client.search('dc=example', { filter: '(uid=' + req.query.name + ')' }); // CWE-90
  client.search('dc=example', { filter: `(uid=${req.query.name})`, scope: 'sub' }); // CWE-90
  xpath.select("//user[@name='" + req.query.name + "']", res.locals.doc); // CWE-643
  xpath.evaluate(`//user[@name='${req.query.name}']`, res.locals.doc); // CWE-643
  console.log('search for ' + req.query.name); // CWE-117
  res.end();
});

app.get('/ok', (req, res) => {
  client.search('dc=example', { filter: '(uid=admin)' });
  xpath.select('//user', res.locals.doc);
  res.end();
});
