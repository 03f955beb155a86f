function buildWhere(query, where) {
  for (const prop in query) {
    if (typeof where[prop] === "object") {
      buildWhere(query[prop], where[prop]);
      continue;
    }
    where[prop] = query[prop];
  }
}
