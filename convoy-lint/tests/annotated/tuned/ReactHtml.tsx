import React, { useEffect, useRef } from 'react';
import DOMPurify from 'dompurify';

export function One({ html }: { html: string }) {
  return <div dangerouslySetInnerHTML={{ __html: html }} />; // CWE-79
}

export const Two = (props: { user: { bio: string } }) => (
  <section>
    <p dangerouslySetInnerHTML={{ __html: props.user.bio }} /* CWE-79 */ />
  </section>
);

export function Three(props: { text: string }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    ref.current!.innerHTML = props.text; // CWE-79
    ref.current!.insertAdjacentHTML('beforeend', props.text); // CWE-79
    document.write(props.text); // CWE-79
  });
  return <div ref={ref} />;
}

export function Good({ html }: { html: string }) {
  const clean = DOMPurify.sanitize(html);
  return (
    <div>
      <div dangerouslySetInnerHTML={{ __html: clean }} />
      <div dangerouslySetInnerHTML={{ __html: '<b>fixed</b>' }} />
      <p>{html}</p>
    </div>
  );
}
