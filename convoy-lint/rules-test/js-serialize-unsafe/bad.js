function page(name) {
  // bad
  const text = serialize({ name }, { unsafe: true });
  return `<script>window.__STATE__ = ${text}</script>`;
}
