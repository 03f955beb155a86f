function f() {
  try {
    return work();
  } finally {
    items.map((x) => {
      return x;
    });
  }
}
