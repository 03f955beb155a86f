switch (x) {
  case "a":
  case "b":
    work();
}
