app.post('/a', async (req, res) => {
  await page.setContent('<p>a</p>');
  await page.goto('https://example.com');
  await page.click(req.body.name);
  store.open(req.body.name);
});
