import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Notice } from './port.ts';

/** Name of the file that holds a notice: its id, with a short hash when the id could not be a file name as it is. */
export function itemFileName(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/.test(id) && !id.endsWith('.')) return `${id}.md`;
  const readable = id
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 80);
  return `${readable || 'notice'}-${createHash('sha256').update(id).digest('hex').slice(0, 12)}.md`;
}

/** The body as it is when it has frontmatter of its own; else below frontmatter with id, kind, time and title. */
export function itemText(notice: Notice): string {
  const body = notice.body.endsWith('\n') ? notice.body : `${notice.body}\n`;
  if (/^---\r?\n/.test(body)) return body;
  const { id, kind, title } = notice;
  const at = new Date(notice.at).toISOString();
  return `---\n${stringify({ id, kind, at, title }, { lineWidth: 0 })}---\n${body}`;
}
