function f(x) {
  throw new Error("no");
  // bad
  work(x);
}
