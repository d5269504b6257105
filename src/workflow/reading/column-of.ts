/** Of the first character that is no blank and no quotation mark of a block; a tab goes to the next multiple of four. */
export function columnOf(text: string): number {
  let column = 0;
  for (const character of text) {
    if (character === '\t') column += 4 - (column % 4);
    else if (character === ' ' || character === '>' || character === '\u00a0') column += 1;
    else break;
  }
  return column;
}
