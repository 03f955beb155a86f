const { exec } = require('child_process');

exports.first = (req, res) => {
  let command;
  switch ('b') {
    case 'a':
      command = 'ls ' + req.query.dir;
      break;
    case 'b':
      command = 'ls';
      break;
    default:
      command = 'ls ' + req.query.dir;
  }
  exec(command);
  res.end();
};

exports.second = (req, res) => {
  let command;
  switch (req.query.kind) {
    case 'a':
      command = 'ls ' + req.query.dir;
      break;
    default:
      command = 'ls';
  }
  exec(command); // CWE-78
  res.end();
};

exports.third = (req, res) => {
  const list = ['a'];
  list.push(req.query.dir);
  list.shift();
  exec('ls ' + list[0]); // CWE-78
  const other = { a: 'x' };
  const same = other;
  same.a = req.query.dir;
  exec('ls ' + other.a); // CWE-78
  res.end();
};

exports.fourth = (req, res) => {
  const dirs = { a: '/a', b: '/b' };
  const dir = dirs[req.query.dir];
  if (['x', 'y'].includes(req.query.name)) {
    exec('ls ' + req.query.name);
  }
  exec('ls ' + dir);
  res.end();
};
