if (list.length === 0 || list === EMPTY) work();
const o = {};
