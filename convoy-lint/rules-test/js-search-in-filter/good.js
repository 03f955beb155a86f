const wanted = new Set(right);
const both = left.filter((x) => wanted.has(x));
const some = left.filter((x) => ["a", "b"].includes(x));
const named = left.filter((x) => x.includes(word));
