// bad
const both = left.filter((x) => right.includes(x));
// bad
const rest = left.filter((x) => !right.includes(x.id));
