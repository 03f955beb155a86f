function go(url) {
  window.location.href = url;
  window.location.href = '/users/' + params.get('id');
  window.location.href = '?page=' + new URLSearchParams(window.location.search).get('page');
}
