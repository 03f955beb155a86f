app.get('/a', (req, res) => {
  const name = req.query.name;
  const html = '<b>' + name + '</b>';
  // bad
  res.write(html);
  // bad
  res.status(404).send(`<p>${req.params.page}</p>`);
});

router.get('/b', async (ctx) => {
  // bad
  ctx.body = '<h1>' + ctx.query.name + '</h1>';
});

server.route({
  handler: (request, h) => {
    // bad
    return '<h1>' + request.query.name + '</h1>';
  },
});

export const handler = async (event) => {
  return {
    statusCode: 200,
    // bad
    body: `<h1>${event.queryStringParameters.name}</h1>`,
  };
};
