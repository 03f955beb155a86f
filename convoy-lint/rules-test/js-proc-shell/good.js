const { spawn } = require('child_process');

function list(dir) {
  spawn('ls', ['--', dir]);
  spawn('sh', ['-c', 'ls -l']);
  spawn('ls', [dir], { shell: false });
}
