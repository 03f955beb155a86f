function show() {
  // bad
  out.innerHTML = decodeURIComponent(window.location.hash);
  const params = new URLSearchParams(window.location.search);
  // bad
  $('#box').html(params.get('text'));
  // bad
  $(window.location.hash).show();
}

window.addEventListener('message', (event) => {
  // bad
  out.innerHTML = event.data;
});
