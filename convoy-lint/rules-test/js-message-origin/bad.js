// bad
window.addEventListener("message", function (event) {
  document.title = event.data.title;
});
