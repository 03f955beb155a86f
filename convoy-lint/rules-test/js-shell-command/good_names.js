const { exec: run, execFile } = require("child_process");

function f(name, run) {
  execFile("ls", [name]);
  run("ls " + name);
}
