const a = list.reduce((sum, x) => sum + x.size, 0);
const b = list.reduce((all, x) => {
  all[x.id] = x;
  return all;
}, {});
