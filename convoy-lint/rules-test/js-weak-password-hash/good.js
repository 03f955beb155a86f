const etag = crypto.createHash("sha1").update(body).digest("hex");
const hash = await bcrypt.hash(password, 12);
