const fs = require('fs');
const path = require('path');
const { readFile, createReadStream } = require('fs');
const fsp = require('fs/promises');
const express = require('express');

const app = express();

app.get('/a', (req, res) => {
  fs.readFile(req.query.name, (error, data) => res.end(data)); // CWE-22
  readFile('/srv/' + req.query.name, () => {}); // CWE-22
  createReadStream(path.join('/srv', req.params.name)).pipe(res); // CWE-22
  res.sendFile(path.resolve('/srv', req.query.name)); // CWE-22
  res.download('/srv/' + req.query.name); // CWE-22
  require(req.query.module); // CWE-94,22,706
});

app.get('/b', async (req, res) => {
  await fsp.readFile(req.body.path); // CWE-22
  await fs.promises.writeFile(path.join(__dirname, req.body.name), 'x'); // CWE-22
  fs.existsSync(req.query.name); // CWE-22
  fs.unlinkSync(`/srv/${req.query.name}`); // CWE-22
  res.end();
});

app.get('/ok', (req, res) => {
  const name = path.basename(req.query.name);
  res.sendFile(path.join('/srv', name));
  res.sendFile(req.query.name, { root: '/srv' });
  const full = path.resolve('/srv', req.query.name);
  if (!full.startsWith('/srv/')) {
    return res.status(400).end();
  }
  fs.readFile(full, (error, data) => res.end(data));
});
