// bad
const ids = text.split(",").map(Number).sort();
