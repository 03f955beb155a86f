try {
  work();
} catch {
  // The file may be gone already.
}
