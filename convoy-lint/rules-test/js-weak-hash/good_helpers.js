function md5Hash(text) {
  return createHash("md5").update(text).digest("hex");
}

function generateHash(content) {
  return crypto.createHash("md5").update(content).digest("hex");
}
