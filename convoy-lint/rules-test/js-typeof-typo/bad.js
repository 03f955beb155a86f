// bad
if (typeof x === "sting") work();
// bad
if (typeof x !== "undefinded") work();
