if (x === 1) {
  work(1);
  // bad
} else if (x === 1) {
  work(2);
}
