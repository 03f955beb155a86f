const knex = require('knex')({
  client: 'mysql',
  connection: { host: 'db', user: 'app', password: 'qw8-Rty77' }, // CWE-798
});
const mysql = require('mysql2');

const connection = mysql.createConnection({ host: 'db', user: 'root', password: 'R00t-pass' }); // CWE-798

exports.find = (req, res) => {
  knex.raw('SELECT * FROM users WHERE id = ' + req.params.id); // CWE-89
  knex('users').whereRaw(`name = '${req.query.name}'`); // CWE-89
  knex('users').orderByRaw(req.query.order); // CWE-89
  knex('users').select(knex.raw('count(' + req.query.column + ')')); // CWE-89
  connection.query('SELECT * FROM users WHERE name = "' + req.body.name + '"', () => res.end()); // CWE-89
  const sql = `DELETE FROM users WHERE id = ${req.body.id}`;
  connection.execute(sql); // CWE-89
};

exports.good = (req, res) => {
  knex.raw('SELECT * FROM users WHERE id = ?', [req.params.id]);
  knex('users').where({ name: req.query.name });
  connection.query('SELECT * FROM users WHERE name = ?', [req.body.name], () => res.end());
};
