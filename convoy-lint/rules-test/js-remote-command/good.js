const { Client } = require("ssh2");

function run(req, res) {
  const host = new Client();
  host.exec("uptime", () => res.end());
}
