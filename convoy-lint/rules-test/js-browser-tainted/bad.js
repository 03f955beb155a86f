app.post('/a', async (req, res) => {
  // bad
  await page.setContent(`<p>${req.body.text}</p>`);
  // bad
  await page.goto(req.query.url);
  // bad
  await page.evaluate(x => fetch(x), req.body.url);
  // bad
  await Page.navigate({ url: req.body.url });
  // bad
  wkhtmltopdf(req.body.html);
});
