// bad
const text = serialize({ name }, { unsafe: true });
