export function Links(props) {
  const page = new URLSearchParams(window.location.search).get('page');
  return (
    <p>
      <a href={props.url}>go</a>
      <a href={'/pages/' + page}>page</a>
    </p>
  );
}
