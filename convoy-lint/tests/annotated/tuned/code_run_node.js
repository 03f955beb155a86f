const vm = require('vm');
const { VM } = require('vm2');
const serialize = require('node-serialize');
const yaml = require('js-yaml');
const libxml = require('libxmljs');
const express = require('express');

const app = express();

app.post('/a', (req, res) => {
  eval(req.body.code); // CWE-94,95
  eval('var x = ' + req.body.code); // CWE-94,95
  new Function('x', req.body.code)(1); // CWE-94,95
  setTimeout(req.body.code, 100); // CWE-94,95
  setInterval('run(' + req.body.code + ')', 100); // CWE-94,95
  vm.runInNewContext(req.body.code); // CWE-94,95
  vm.runInContext(req.body.code, {}); // CWE-94,95
  new VM().run(req.body.code); // CWE-94,95
  serialize.unserialize(req.body.data); // CWE-502
  yaml.load(req.body.text, { schema: yaml.DEFAULT_FULL_SCHEMA }); // CWE-502
  libxml.parseXmlString(req.body.xml, { noent: true }); // CWE-611
  const result = global[req.body.name](req.body.value); // CWE-94,470,749
  new RegExp(req.body.pattern).test('x'); // CWE-1333,400
  res.json(result);
});

app.post('/ok', (req, res) => {
  eval('1 + 1');
  setTimeout(() => res.end(), 100);
  vm.runInNewContext('x + 1', { x: Number(req.body.x) });
  yaml.load(req.body.text);
  JSON.parse(req.body.data);
});
