// bad
res.cookie("sid", id, { httpOnly: false });
app.use(
  session({
    // bad
    cookie: { secure: false },
  }),
);
