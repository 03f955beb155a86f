function merge(target, source) {
  for (const key in source) {
    if (typeof target[key] === "object") {
      merge(target[key], source[key]);
    } else {
      // bad
      target[key] = source[key];
    }
  }
}
