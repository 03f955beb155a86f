// bad
const a = list.reduce((all, x) => ({ ...all, [x.id]: x }), {});
// bad
const b = list.reduce((all, x) => [...all, x.id], []);
