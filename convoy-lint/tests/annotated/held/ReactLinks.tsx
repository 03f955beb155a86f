import React from 'react';
import ReactMarkdown from 'react-markdown';

export function Links(props: { url: string; page: string }) {
  const target = new URLSearchParams(window.location.search).get('to') ?? '';
  return (
    <div>
      <a href={target}>go</a> {/* CWE-79,601 */}
      <a href={'javascript:' + props.page}>run</a> {/* CWE-79 */}
      <iframe src={target} /> {/* CWE-79,601 */}
      <a href="https://other.example.org" target="_blank">out</a> {/* CWE-1022 */}
      <ReactMarkdown skipHtml={false} escapeHtml={false}>{props.page}</ReactMarkdown> {/* CWE-79 */}
      <a href="/home">home</a>
      <a href="https://other.example.org" target="_blank" rel="noopener noreferrer">out</a>
      <a href={'/users/' + props.page}>user</a>
    </div>
  );
}
