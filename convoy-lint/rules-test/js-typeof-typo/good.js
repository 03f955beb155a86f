if (typeof x === "string" || typeof y === typeof x || typeof x === kind) work();
