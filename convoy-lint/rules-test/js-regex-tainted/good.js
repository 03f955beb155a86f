function search(req, items, word) {
  const one = new RegExp("^a+$");
  const two = new RegExp(escapeRegExp(req.query.q), "i");
  const three = new RegExp(word);
}
