app.use(session({ secret: process.env.SESSION_SECRET }));
app.use(cookieParser());
connect({ secret: "name" });
