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

app.get("/told", (req, res) => {
  let done = false;
  bus.on("end", () => { done = true; });
  if (done) {
    // bad
    eval(req.query.x);
  }
});

app.get("/counted", (req, res) => {
  let n = 0;
  n++;
  if (n > 0) {
    // bad
    eval(req.query.x);
  }
});

app.get("/taken-out", (req, res) => {
  let wanted = 0;
  later(() => { ({ wanted } = req.body); });
  if (wanted) {
    // bad
    eval(req.query.x);
  }
});
