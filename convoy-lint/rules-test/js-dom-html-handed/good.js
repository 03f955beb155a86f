export function show(props) {
  box.textContent = props.text;
  box.innerHTML = DOMPurify.sanitize(props.text);
  box.innerHTML = template.html;
}
