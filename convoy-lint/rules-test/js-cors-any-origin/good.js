app.use(cors({ origin: "https://example.com", credentials: true }));
app.use(cors({ origin: "*" }));
res.setHeader("Access-Control-Allow-Origin", "https://example.com");
