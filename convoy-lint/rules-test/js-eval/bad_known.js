function late(req) {
  let code = '1';
  if (1 + 1 === 3) {
    code = '2';
  } else {
    code = req.query.code;
  }
  // bad
  eval(code);
  const codes = {};
  codes['a'] = '1';
  codes['b'] = req.query.code;
  // bad
  eval(codes['b']);
}
