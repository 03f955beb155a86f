function show(element, name, items) {
  element.innerHTML = "";
  element.innerHTML = "<b>none</b>";
  element.textContent = "<b>" + name;
  element.innerHTML = `<b>${escapeHtml(name)}</b>`;
  element.innerHTML = `<b>${items.length}</b>`;
}
