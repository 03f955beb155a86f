app.get('/a', (req, res) => {
  xpath.select('//user', doc);
});
