const { spawn } = require('child_process');

app.get('/a', (req, res) => {
  spawn('ls', [req.query.dir]);
});
