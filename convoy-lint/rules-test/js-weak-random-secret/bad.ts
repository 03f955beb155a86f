// bad
const token = Math.random().toString(36).slice(2);
// bad
user.resetToken = "r" + Math.random();
