window.addEventListener("message", (event) => {
  if (event.origin !== "https://shop.com") return;
  document.title = event.data.title;
});
window.addEventListener("load", () => start());
