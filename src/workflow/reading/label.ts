export interface Labelled {
  /** Less backticks, asterisks and the colon. */
  readonly label: string;
  readonly value: string;
  /** Set off by emphasis or a code span, so that it is a label whatever it says. */
  readonly bold: boolean;
}

const marked = [
  // **Label**: value   **Label:** value   __Label__: value   `Label`: value
  /^(\*{1,3}|_{2,3}|`)(?=\S)([^*`\n]{1,80}?)\s*(?:\1\s*[:：]|[:：]\s*\1)(?:[*_`]*)(?:\s+|$)(.*)$/s,
  // **Label** — value, **Label** - value
  /^(\*{2,3}|__)(?=\S)([^*`\n]{1,80}?)\1\s+[—–-](?:\s+|$)(.*)$/s,
];
const plain = /^([\p{L}\d][^:：*`\n"“”„]{0,59}?)\s*[:：](?:\s+|$)(.*)$/su;

/** `Label: value` in the ways people print it; null when the text begins with no label. */
export function splitLabel(text: string): Labelled | null {
  for (const pattern of marked) {
    const match = pattern.exec(text);
    if (match !== null)
      return { label: unmarked(match[2] ?? ''), value: (match[3] ?? '').trim(), bold: true };
  }
  const match = plain.exec(text);
  if (match === null) return null;
  return { label: unmarked(match[1] ?? ''), value: (match[2] ?? '').trim(), bold: false };
}

/** Less asterisks, backticks, underscores around words, and a colon at the end. */
export function unmarked(text: string): string {
  return text
    .replace(/[*`]/g, '')
    .replace(/(^|\s)_+(?=\S)|_+(?=\s|$)/g, '$1')
    .trim()
    .replace(/\s*[:：]+$/, '')
    .trim();
}

/** Less the code span or emphasis that stands around the whole of it. */
export function unwrapped(text: string): string {
  const trimmed = text.trim();
  const code = /^(`+)([^`]*)\1$/.exec(trimmed);
  if (code !== null) return (code[2] ?? '').trim();
  const strong = /^(\*\*|__)([^*_`]+)\1$/.exec(trimmed);
  return strong === null ? trimmed : (strong[2] ?? '').trim();
}
