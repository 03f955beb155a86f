// bad
const copy = JSON.parse(JSON.stringify(state));
