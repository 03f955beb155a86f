const { spawn } = require('child_process');

app.get('/a', (req, res) => {
  // bad
  spawn(req.query.program, ['-v']);
});
