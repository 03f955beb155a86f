// bad
const hash = crypto.createHash("sha256").update(password).digest("hex");
// bad
const other = crypto.createHash("md5").update(user.password).digest();
