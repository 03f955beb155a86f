// bad
const x = ready ? a.b : a.b;
// bad
if (x) {
  work(1);
} else {
  work(1);
}
