function clean(text) {
  text = text.replace(/</g, "&lt;");
  text = text.replace(/[<>]/g, "");
  return text.replace(/\s+/g, "");
}
