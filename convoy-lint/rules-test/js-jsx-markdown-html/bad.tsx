// bad
const a = <ReactMarkdown escapeHtml={false} children={text} />;
// bad
const b = <Markdown allowDangerousHtml>{text}</Markdown>;
