const copy = structuredClone(state);
const text = JSON.stringify(JSON.parse(input));
