const _ = require('lodash');
const express = require('express');

const app = express();

app.post('/a', (req, res) => {
  const table = {};
  table[req.body.key] = req.body.value; // CWE-1321,915
  table[req.body.a][req.body.b] = req.body.value; // CWE-1321,915
  _.merge(table, req.body); // CWE-1321,915
  _.set(table, req.body.path, req.body.value); // CWE-1321,915
  Object.assign(res.locals.user, req.body); // CWE-915,1321
  res.json(table);
});

function merge(target, source) {
  for (const key in source) {
    if (typeof source[key] === 'object') merge(target[key], source[key]);
    else target[key] = source[key]; // CWE-1321,915
  }
}

app.post('/ok', (req, res) => {
  const table = new Map();
  table.set(req.body.key, req.body.value);
  const { name } = req.body;
  res.json(Object.assign({}, { name }));
  merge({}, {});
});
