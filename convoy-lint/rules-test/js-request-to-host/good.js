app.get('/a', async (req, res) => {
  await axios({ url: 'https://api.example.org', params: req.query });
  superagent.get('https://api.example.org/' + req.query.id);
  await page.goto('https://example.org/?q=' + req.query.q);
});
