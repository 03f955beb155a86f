export function Post({ body }: { body: string }) {
  // bad
  return <div dangerouslySetInnerHTML={{ __html: body }} />;
}
