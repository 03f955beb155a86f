try {
  work();
} catch (error) {}
try {
  work();
} catch {
  // The file may be gone already.
}
