function clean(text) {
  // bad
  text = text.replace(/<script[\s\S]*?<\/script>/gi, "");
  // bad
  text = text.replace(/ on\w+=".*?"/g, "");
  // bad
  return text.replace(/\.\.\//g, "");
}
