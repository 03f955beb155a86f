const { exec, execFile } = require("child_process");

function run(name, text) {
  exec("ls -l | wc -l", () => {});
  execFile("convert", [name]);
  /x/.exec(`${text}`);
  const command = "uptime";
  exec(command);
}
