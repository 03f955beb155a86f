const x = ready ? a.b : a.c;
if (x) {
  work(1);
} else {
  work(2);
}
