function show(text) {
  out.textContent = window.location.hash;
  $('#box').text(window.location.hash);
  params.append('next', window.location.href);
  out.innerHTML = DOMPurify.sanitize(window.location.hash);
}

socket.onclose = (event) => {
  log(event.data);
};
