out.unshift(first);
for (const x of list) {
  out.push(x);
}
