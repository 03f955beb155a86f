const page = fs.readFileSync("index.html");
app.get("/", async (req, res) => {
  res.send(await fs.promises.readFile("index.html"));
});
function build(name) {
  return fs.readFileSync(name);
}
