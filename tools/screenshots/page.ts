import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { escape, toHtml } from './markdown.ts';
import type { SampleComment, Samples } from './samples.ts';

/** What GitHub's pages look like by day and by night. */
export type Theme = 'light' | 'dark';

/** A page to photograph. */
export interface Page {
  readonly name: string;
  readonly html: (theme: Theme) => string;
}

const styles = {
  light: fileURLToPath(import.meta.resolve('github-markdown-css/github-markdown-light.css')),
  dark: fileURLToPath(import.meta.resolve('github-markdown-css/github-markdown-dark.css')),
};
const borders = { light: '#d1d9e0', dark: '#3d444d' };
const muted = { light: '#f6f8fa', dark: '#151b23' };
const added = { light: '#dafbe1', dark: '#12261e' };
const removed = { light: '#ffebe9', dark: '#25171c' };

/** The pages: the summary, a comment with a suggestion, the check run. */
export function pagesOf({ sticky, comments, check }: Samples): readonly Page[] {
  const withSuggestion = comments.find(({ body }) => body.includes('suggestion\n')) ?? comments[0];
  return [
    { name: 'summary', html: (theme) => page(theme, comment('commented', toHtml(sticky))) },
    {
      name: 'comment',
      html: (theme) => page(theme, withSuggestion === undefined ? '' : onLines(withSuggestion)),
    },
    {
      name: 'check',
      html: (theme) =>
        page(
          theme,
          `<h2>${escape(check.title)} <span class="state">${check.conclusion}</span></h2>` +
            `<div class="markdown-body">${toHtml(check.summary)}</div>` +
            `<h4>Annotations</h4>${check.annotations.map(annotation).join('')}`,
        ),
    },
  ];
}

function comment(did: string, html: string): string {
  return `<div class="box"><div class="head"><b>meshgate</b> <span class="bot">bot</span> ${did}</div><div class="markdown-body body">${html}</div></div>`;
}

function onLines({ path, line, body, lines }: SampleComment): string {
  const shown = lines
    .map((text, index) => {
      const number = String(line - lines.length + 1 + index);
      return `<tr class="new"><td>${number}</td><td>+ ${escape(text)}</td></tr>`;
    })
    .join('');
  return `<div class="box"><div class="head">${escape(path)}</div><table class="code">${shown}</table><div class="pad">${comment('commented on this line', toHtml(body, lines))}</div></div>`;
}

function annotation(each: Samples['check']['annotations'][number]): string {
  const place = `${each.path}#L${String(each.start_line)}`;
  return `<div class="annotation ${each.annotation_level}"><div>${escape(place)}</div><b>${escape(each.title)}</b><p>${escape(each.message).replaceAll('\n', '<br>')}</p></div>`;
}

function page(theme: Theme, body: string): string {
  const css = readFileSync(styles[theme], 'utf8');
  const mermaid = import.meta.resolve('mermaid/dist/mermaid.min.js');
  return `<!doctype html><meta charset="utf-8"><style>${css}${frame(theme)}</style><main class="markdown-body">${body}</main>
<script src="${mermaid}"></script>
<script>
mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: '${theme === 'dark' ? 'dark' : 'default'}' });
mermaid.run().finally(() => { document.title = String(document.documentElement.scrollHeight); });
</script>`;
}

function frame(theme: Theme): string {
  const line = `1px solid ${borders[theme]}`;
  return `
body { margin: 0; background: ${theme === 'dark' ? '#0d1117' : '#ffffff'}; }
main.markdown-body { padding: 16px; }
.box { border: ${line}; border-radius: 6px; }
.head { padding: 8px 16px; background: ${muted[theme]}; border-bottom: ${line}; border-radius: 6px 6px 0 0; }
.bot, .state { border: ${line}; border-radius: 2em; padding: 0 7px; font-size: 12px; font-weight: 400; }
.body { padding: 16px; }
.pad { padding: 16px; }
.markdown-body table.code, .markdown-body .suggestion table { display: table; width: 100%; margin: 0; font: 12px ui-monospace, 'DejaVu Sans Mono', monospace; }
.markdown-body table.code td, .markdown-body .suggestion td { border: 0; padding: 2px 10px; white-space: pre-wrap; }
.markdown-body table tr.new, .markdown-body pre .new { background: ${added[theme]}; }
.markdown-body table tr.gone, .markdown-body pre .gone { background: ${removed[theme]}; }
.markdown-body pre .new, .markdown-body pre .gone { display: inline-block; width: 100%; }
.markdown-body pre .hunk { color: ${theme === 'dark' ? '#d2a8ff' : '#8250df'}; }
.suggestion { border: ${line}; border-radius: 6px; }
.suggestion .title { padding: 8px 16px; border-bottom: ${line}; }
.suggestion .accept { padding: 8px 16px; border-top: ${line}; text-align: right; }
.annotation { border: ${line}; border-left: 4px solid #d29922; border-radius: 6px; padding: 8px 16px; margin-bottom: 8px; }
.annotation.failure { border-left-color: #cf222e; }
.annotation.notice { border-left-color: #0969da; }
.annotation p { margin: 4px 0 0; }
.markdown-body pre.mermaid { background: transparent; text-align: center; }
.markdown-body svg { background: transparent; }
`;
}
