const a = <ReactMarkdown children={text} />;
const b = <Text escapeHtml={false} />;
