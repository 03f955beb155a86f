function quoted(text) {
  // bad
  return "'" + text.replace("'", "''") + "'";
}

function inside(name) {
  // bad
  return name.replace("../", "");
}
