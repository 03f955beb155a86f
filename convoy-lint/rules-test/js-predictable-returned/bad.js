function generateSessionId() {
  // bad
  return Math.random().toString(16).slice(2);
}
