function quoted(text) {
  return "'" + text.replace(/'/g, "''") + "'";
}

function label(name) {
  return name.replace("_", " ").replace("foo", "bar");
}
