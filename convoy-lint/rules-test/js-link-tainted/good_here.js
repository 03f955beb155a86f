function go(url, link) {
  location.href = url || location.href;
  window.location.href = link.getAttribute("href") || window.location.href;
  location.replace(location.href);
}
