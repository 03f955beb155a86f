const { spawn } = require('child_process');

function list(dir) {
  // bad
  spawn('ls ' + dir, { shell: true });
  // bad
  spawn('sh', ['-c', `ls ${dir}`]);
  // bad
  require('child_process').exec('ls ' + dir);
}
