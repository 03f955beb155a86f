// bad
if (a.width <= a.width) work();
// bad
const b = a.x || a.x;
