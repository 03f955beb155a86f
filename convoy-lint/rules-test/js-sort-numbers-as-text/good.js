const ids = text.split(",").map(Number).sort((a, b) => a - b);
const names = text.split(",").map(trim).sort();
