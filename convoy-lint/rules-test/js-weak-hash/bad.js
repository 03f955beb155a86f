// bad
const digest = crypto.createHash("md5").update(data).digest("hex");
