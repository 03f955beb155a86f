const crypto = require("crypto");

function seal(text, key) {
  const iv = crypto.randomBytes(12);
  return crypto.createCipheriv("aes-256-gcm", key, iv).update(text);
}
