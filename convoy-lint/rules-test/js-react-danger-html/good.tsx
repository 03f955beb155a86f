const css = "body { margin: 0 }";

export function Post({ body }: { body: string }) {
  return (
    <div>
      <style dangerouslySetInnerHTML={{ __html: css }} />
      <script dangerouslySetInnerHTML={{ __html: "run()" }} />
      <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(body) }} />
      <p>{body}</p>
    </div>
  );
}
