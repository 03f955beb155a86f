const { exec } = require('child_process');
const { exec: run } = require('child_process');
const promised = promisify(exec);

exports.falls = (req, res) => {
  let command = 'ls';
  switch ('a') {
    case 'a':
    case 'b':
      command = 'ls ' + req.query.dir;
  }
  // bad
  exec(command);
};

exports.depends = (req, res) => {
  let command;
  switch (req.query.kind) {
    case 'a':
      command = 'ls ' + req.query.dir;
      break;
    default:
      command = 'ls';
  }
  // bad
  exec(command);
};

exports.names = (req, res) => {
  // bad
  run('ls ' + req.query.dir);
  // bad
  promised('ls ' + req.query.dir);
};

exports.containers = (req, res) => {
  const list = ['a'];
  list.push(req.query.dir);
  list.shift();
  // bad
  exec('ls ' + list[0]);
  const table = { a: 'x' };
  const same = table;
  same.a = req.query.dir;
  // bad
  exec('ls ' + table.a);
};
