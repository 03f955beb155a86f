// bad
if (x = 5) work();
// bad
if (user.admin = true) {
  work();
}
