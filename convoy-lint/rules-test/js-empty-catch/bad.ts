try {
  work();
  rest();
  // bad
} catch (error) {}
