app.get('/a', (req, res) => {
  res.writeHead(302, { Location: '/home' });
  res.location('/users/' + req.params.id);
});

export async function GET(request) {
  return NextResponse.redirect(new URL('/login', request.url));
}
