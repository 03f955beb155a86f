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
};
