function f(x) {
  if (x) return 1;
  switch (x) {
    case 1:
      return 2;
    default:
      work();
  }
  return g();
  function g() {
    return 3;
  }
}
