import type { Role, Section } from './document.ts';
import type { Entry } from './entry.ts';
import { normalised } from './field-names.ts';
import { unmarked } from './label.ts';
import { linksIn } from './paths.ts';

/** What an operator prompt lays down: its phases, gates, what triggers a rollback or an escalation, and its formats. */
export function readRole(entries: readonly Entry[], frontMatter: Readonly<Record<string, unknown>>): Role {
  const phases: Section[] = [];
  const formats: Section[] = [];
  const gates: Role['gates'][number][] = [];
  const triggers: string[] = [];
  let heading = '';
  let about = '';
  for (const entry of entries) {
    switch (entry.type) {
      case 'heading':
        heading = unmarked(entry.text);
        if (entry.level <= 2) about = normalised(heading);
        if (/^phase\b/i.test(heading)) phases.push({ title: heading, line: entry.line });
        break;
      case 'code':
        if (/^(?:markdown|md|ya?ml|json)?$/i.test(entry.info))
          formats.push({ title: titleOfFormat(entry.text) ?? heading, line: entry.line });
        break;
      case 'row':
        if (/\bgates?\b/i.test(`${heading} ${entry.header[0] ?? ''}`)) {
          const [name = '', requirement = '', action = ''] = entry.cells.map(unmarked);
          gates.push({ name, requirement, action });
        }
        break;
      case 'item':
        if (/\btriggers?\b/i.test(heading) || /^escalat/i.test(about)) triggers.push(entry.text);
        break;
    }
  }
  const { name } = frontMatter;
  const given = typeof name === 'string' && name.trim() !== '' ? name.trim() : null;
  return { name: given ?? nameOf(entries), phases, gates, triggers, formats };
}

function titleOfFormat(text: string): string | null {
  const first = /^#{1,6} +(.+)$/m.exec(text)?.[1];
  return first === undefined ? null : unmarked(first);
}

/** `# DevOps Agent — Starting Prompt` is the prompt of `DevOps Agent`; else `You are the … Agent`. */
function nameOf(entries: readonly Entry[]): string {
  const title = entries.find((entry) => entry.type === 'heading');
  const head = title?.type === 'heading' ? unmarked(title.text) : '';
  const titled = /^(?:role|agent)\s*(?:[:：]|\s[—–-]\s)\s*(\S.*)$/i.exec(head)?.[1];
  if (titled !== undefined) return titled;
  const part = head.split(/\s+[—–-]\s+|[:：]\s/)[0] ?? '';
  if (/\b(?:agent|engineer|role|operator|assistant|manager|specialist)\b/i.test(part))
    return part.replace(/^role\s*/i, '');
  for (const entry of entries) {
    if (entry.type !== 'text' && entry.type !== 'item') continue;
    const said =
      /\bYou are (?:an? |the |@)(?:AI )?([\w @-]{2,60}?)(?:[.,:;]|\s(?:responsible|that|who|and)\b|$)/.exec(
        entry.text,
      );
    if (said !== null) return said[1] ?? part;
  }
  return part || linksIn(head)[0]?.name || 'agent';
}
