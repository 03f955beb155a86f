const ALLOWED = ['1', '2'];

function never(req) {
  const number = 106;
  let code = '1';
  if (7 * 18 + number < 200) {
    code = req.query.code;
  }
  eval(code);
  eval(number === 106 ? '2' : req.query.code);
  const codes = {};
  codes['a'] = '1';
  codes['b'] = req.query.code;
  eval(codes['a']);
}

function listed(code) {
  if (!ALLOWED.includes(code)) {
    return;
  }
  eval(code);
}
