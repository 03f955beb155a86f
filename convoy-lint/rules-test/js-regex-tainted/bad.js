function search(req, items) {
  // bad
  const pattern = new RegExp(req.query.q, "i");
}
