function badge() {
  // TODO: again when both are linked
  return null;

  const color = colorOf();
  return color;
}
