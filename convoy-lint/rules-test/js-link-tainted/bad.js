function go() {
  const params = new URLSearchParams(window.location.search);
  // bad
  window.location.href = params.get('next');
  // bad
  location.assign(params.get('to'));
}
