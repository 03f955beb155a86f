// bad
const both = left.filter((x) => right.includes(x));
// bad
const rest = left.filter((x) => !right.includes(x.id));
// bad
const more = list.filter((x) => wanted.indexOf(x) > -1);
// bad
const less = list.filter((x) => wanted.indexOf(x) < 0);
