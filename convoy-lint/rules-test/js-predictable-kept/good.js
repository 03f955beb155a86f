const angle = Math.random() * 360;
const token = crypto.randomBytes(32).toString('hex');
const monkey = Math.random();
