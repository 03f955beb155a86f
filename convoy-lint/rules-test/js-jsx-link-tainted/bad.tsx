export function Links() {
  const target = new URLSearchParams(window.location.search).get('to');
  // bad
  return <a href={target}>go</a>;
}
