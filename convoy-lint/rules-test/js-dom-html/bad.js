function show(element, name) {
  // bad
  element.innerHTML = "<b>" + name + "</b>";
  // bad
  element.insertAdjacentHTML("beforeend", `<li>${name}</li>`);
  // bad
  document.write(location.hash);
}
