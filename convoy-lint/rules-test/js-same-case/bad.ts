switch (x) {
  case "a":
    work();
    break;
  // bad
  case "a":
    rest();
}
