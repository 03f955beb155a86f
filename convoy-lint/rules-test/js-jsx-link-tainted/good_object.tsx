export function Export({ request }) {
  return <a href={request.url}>Download</a>;
}
