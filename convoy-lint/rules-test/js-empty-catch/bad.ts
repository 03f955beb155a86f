try {
  work();
  // bad
} catch (error) {}
