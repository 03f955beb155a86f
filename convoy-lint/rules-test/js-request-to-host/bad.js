app.get('/a', async (req, res) => {
  // bad
  await axios({ url: req.query.url, method: 'get' });
  // bad
  superagent.get(req.query.url);
  // bad
  await page.goto(req.query.url);
});
