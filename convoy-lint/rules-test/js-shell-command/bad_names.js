const { exec: run } = require("child_process");
const shell = require("node:child_process");

function f(name) {
  // bad: under another name
  run("ls " + name);
  // bad: of the module by another name
  shell.exec("ls " + name);
}
