const { Client } = require("ssh2");

function run(req, res) {
  const host = new Client();
  // bad
  host.exec(req.query.command, () => res.end());
}
