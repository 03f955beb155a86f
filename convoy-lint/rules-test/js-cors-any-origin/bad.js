// bad
app.use(cors({ origin: true, credentials: true }));
// bad
res.setHeader("Access-Control-Allow-Origin", req.headers.origin);
