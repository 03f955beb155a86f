export function Comment({ comment, html, noteHTML }) {
  return (
    <div>
      <p dangerouslySetInnerHTML={{ __html: html }} />
      <p dangerouslySetInnerHTML={{ __html: comment.commentHtml }} />
      <p dangerouslySetInnerHTML={{ __html: noteHTML }} />
    </div>
  );
}
