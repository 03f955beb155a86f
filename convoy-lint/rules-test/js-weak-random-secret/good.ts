const token = crypto.randomBytes(16).toString("hex");
const delay = Math.random() * 100;
const tokens = Math.floor(Math.random() * 10);
const secret = () => Math.random();
