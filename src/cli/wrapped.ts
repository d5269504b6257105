/** Lines of at most 80 columns: the first begins with `head`, the others with `indent`. A longer word stays whole. */
export function wrapped(
  text: string,
  {
    head,
    indent,
    columns = 80,
  }: { readonly head: string; readonly indent: string; readonly columns?: number },
): readonly string[] {
  const lines: string[] = [];
  let line = head;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}
