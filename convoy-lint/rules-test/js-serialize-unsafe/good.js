const text = serialize({ name }, { space: 2 });
const other = parse(text, { unsafe: true });
