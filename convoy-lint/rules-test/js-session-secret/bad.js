app.use(
  session({
    // bad
    secret: "keyboard cat",
    resave: false,
  }),
);
// bad
app.use(cookieParser("shhh"));
