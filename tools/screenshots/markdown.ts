import MarkdownIt from 'markdown-it';

/** Markdown as GitHub shows it in comments: a line break is one, and HTML is let through where it is harmless. */
export function toHtml(markdown: string, suggestedLines: readonly string[] = []): string {
  const renderer = new MarkdownIt({ html: true, breaks: true, linkify: false });
  renderer.renderer.rules['fence'] = (tokens, index) => {
    const { info = '', content = '' } = tokens[index] ?? {};
    switch (info.trim()) {
      case 'mermaid':
        return `<pre class="mermaid">${escape(content)}</pre>`;
      case 'suggestion':
        return suggestion(suggestedLines, content);
      case 'diff':
        return `<div class="highlight"><pre>${content.split('\n').map(diffLine).join('\n')}</pre></div>`;
      default:
        return `<div class="highlight"><pre>${escape(content)}</pre></div>`;
    }
  };
  return renderer.render(markdown);
}

/** Text as HTML shows it. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function suggestion(before: readonly string[], content: string): string {
  const after = content.replace(/\n$/u, '').split('\n');
  const rows = [
    ...before.map((line) => `<tr class="gone"><td>-</td><td>${escape(line)}</td></tr>`),
    ...after.map((line) => `<tr class="new"><td>+</td><td>${escape(line)}</td></tr>`),
  ];
  return `<div class="suggestion"><div class="title">Suggested change</div><table>${rows.join('')}</table><div class="accept">Commit suggestion</div></div>`;
}

function diffLine(line: string): string {
  const kinds: Readonly<Record<string, string>> = { '+': 'new', '-': 'gone', '@': 'hunk' };
  const kind = kinds[line.charAt(0)];
  return kind === undefined ? escape(line) : `<span class="${kind}">${escape(line)}</span>`;
}
