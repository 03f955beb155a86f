function generateSessionId() {
  return crypto.randomUUID();
}

function pick() {
  return Math.random();
}
