const express = require('express');
const app = express();

app.get('/a', (req, res) => {
  res.send('<h1>' + req.query.name + '</h1>'); // CWE-79
});

app.get('/b', (req, res) => {
  const name = req.params.name;
  res.send(`<p>${name}</p>`); // CWE-79
});

app.get('/c', function (req, res) {
  res.send(req.query.text); // CWE-79
});

app.get('/d', function (req, res) {
  const { name } = req.body;
  const html = '<b>' + name + '</b>';
  res.write(html); // CWE-79
  res.end();
});

app.get('/e', (req, res) => {
  res.status(404).send('no page ' + req.originalUrl + '<hr>'); // CWE-79
});

app.get('/ok', (req, res) => {
  res.json({ name: req.query.name });
  res.render('page', { name: req.query.name });
  res.send('<h1>' + escapeHtml(req.query.name) + '</h1>');
});
