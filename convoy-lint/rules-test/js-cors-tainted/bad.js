app.use((req, res, next) => {
  const origin = req.headers.origin;
  // bad
  res.setHeader('Access-Control-Allow-Origin', origin);
});
