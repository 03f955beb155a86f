const crypto = require("crypto");

function seal(text, password) {
  // bad
  return crypto.createCipher("aes-256-cbc", password).update(text);
}
