const { exec: run, execSync, spawn, execFile } = require('child_process');
const cp = require('node:child_process');
const child = require('child_process');

module.exports = function (app) {
  app.get('/a', (req, res) => {
    run('ls ' + req.query.dir, () => res.end()); // CWE-78
    execSync(`ping ${req.query.host}`); // CWE-78
    cp.exec(req.query.command); // CWE-78
    child.execSync('git log ' + req.body.ref); // CWE-78
    spawn('ls ' + req.query.dir, { shell: true }); // CWE-78
    spawn('sh', ['-c', 'ls ' + req.query.dir]); // CWE-78
    spawn(req.query.program, ['-v']); // CWE-78
    execFile(req.query.program); // CWE-78
    require('child_process').exec('ls ' + req.query.dir); // CWE-78
  });
  app.get('/ok', (req, res) => {
    execFile('ls', [req.query.dir]);
    spawn('ls', ['--', req.query.dir]);
    run('ls -l');
    const found = /ab+c/.exec(req.query.text);
    res.json(found);
  });
};

module.exports.clone = function (url) {
  run('git clone ' + url); // CWE-78
  run(`git clone ${url}`, { cwd: '/tmp' }); // CWE-78
};
