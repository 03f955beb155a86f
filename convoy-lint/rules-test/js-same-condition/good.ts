if (x === 1) {
  work(1);
} else if (x === 2) {
  work(2);
} else if (next()) {
  work(3);
} else if (next()) {
  work(4);
}
