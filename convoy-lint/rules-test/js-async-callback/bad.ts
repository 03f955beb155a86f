// bad
const open = files.filter(async (file) => await isOpen(file));
// bad
if (users.some(async (u) => u.ok())) work();
