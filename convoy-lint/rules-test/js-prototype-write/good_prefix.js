app.get("/users", (req, res) => {
  data[`section_${req.query.section}`] = true;
  res.render("users", data);
});
