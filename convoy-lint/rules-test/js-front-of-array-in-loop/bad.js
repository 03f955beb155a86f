for (const x of list) {
  // bad
  out.unshift(x);
}
