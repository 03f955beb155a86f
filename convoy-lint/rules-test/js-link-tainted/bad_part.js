function go() {
  // bad
  location.href = location.href.split("next=")[1];
}
