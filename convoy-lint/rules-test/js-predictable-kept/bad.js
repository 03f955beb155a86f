// bad
const resetToken = Math.random().toString(36).slice(2);
// bad
const sessionId = 's' + Math.random();
