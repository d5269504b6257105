/** Of an excerpt, so many characters are kept. */
const mostExcerpt = 2_000;

/** The last characters of a text; no character is cut in two. */
export function tailOf(text: string, most = mostExcerpt): string {
  return text.length <= most ? text : text.slice(-most).replace(/^[\udc00-\udfff]/, '');
}

export function headOf(text: string, most = mostExcerpt): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}

/** The part of a text with the rest of the lines that it stands on, as far as there is room. */
export function excerptAt(text: string, index: number, length: number): string {
  if (length >= mostExcerpt) return headOf(text.slice(index, index + length));
  const room = mostExcerpt - length;
  const before = text.slice(Math.max(0, index - (room >> 1)), index);
  const after = text.slice(index + length, index + length + (room >> 1));
  const end = after.search(/[\r\n]/);
  const line = before.slice(before.lastIndexOf('\n') + 1) + text.slice(index, index + length);
  return headOf(line + (end < 0 ? after : after.slice(0, end))).replace(/^[\udc00-\udfff]/, '');
}

/** For a sentence: quoted, on one line, short. */
export function quoted(text: string, most = 120): string {
  return JSON.stringify(text.length <= most ? text : `${headOf(text, most)}…`);
}
