app.get('/a', (req, res) => {
  // bad
  res.writeHead(302, { Location: req.query.url });
  // bad
  res.location(req.query.url);
});

export async function GET(request) {
  const url = request.nextUrl.searchParams.get('url');
  // bad
  return NextResponse.redirect(url);
}
