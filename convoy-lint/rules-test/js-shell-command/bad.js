const { exec, execSync } = require("child_process");
const cp = require("child_process");

function run(name, req) {
  // bad
  exec(`convert ${name}`, () => {});
  // bad
  execSync("git log " + name);
  const command = "ping " + req.query.host;
  // bad
  cp.exec(command);
}
