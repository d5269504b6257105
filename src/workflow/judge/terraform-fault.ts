/** Why a text is no Terraform or HCL, for people: brackets that do not close, or something at the top that is no block. */
export function terraformFault(content: string): string | null {
  const read = withoutTexts(content.replace(/^\uFEFF/, ''));
  if ('fault' in read) return read.fault;
  const { top, fault } = topLevel(read.text);
  if (fault !== null) return fault;
  const statements = top.split('\n').map((line) => line.trim());
  const strange = statements.find((line) => line !== '' && !block.test(line) && !attribute.test(line));
  if (strange !== undefined)
    return `"${strange.slice(0, 60)}" is neither a block nor an attribute of Terraform`;
  return statements.some((line) => line !== '') ? null : 'it holds no block of Terraform';
}

/** As they look once texts are `""` and everything in brackets is gone. */
const block = /^[A-Za-z][\w-]*(?:\s+(?:""|[A-Za-z][\w-]*))*\s*\{\}$/;
const attribute = /^(?:[A-Za-z][\w-]*|"")\s*=\s*\S/;

type Bare = { readonly text: string } | { readonly fault: string };

/** Comments left out, quoted texts and here-documents as `""`. Interpolations may hold quoted texts themselves. */
function withoutTexts(source: string): Bare {
  const token = /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|<<-?([A-Za-z_]\w*)[ \t]*\n|"|[^"#/<]+|[#/<]/g;
  let text = '';
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const [found, mark] = match;
    if (found.startsWith('/*')) {
      if (!found.endsWith('*/') || found.length < 4) return { fault: 'a comment in it does not end' };
    } else if (mark !== undefined) {
      const end = new RegExp(`^[ \\t]*${mark}[ \\t]*\\r?$`, 'gm');
      end.lastIndex = token.lastIndex;
      if (end.exec(source) === null) return { fault: `its here-document ${mark} does not end` };
      token.lastIndex = end.lastIndex;
      text += '""';
    } else if (found === '"') {
      const end = endOfText(source, token.lastIndex);
      if (end < 0) return { fault: 'a quoted text in it does not end' };
      token.lastIndex = end;
      text += '""';
    } else if (!found.startsWith('#') && !found.startsWith('//')) text += found;
  }
  return { text };
}

/** Index behind the closing quotation mark; -1 where there is none on this line. */
function endOfText(source: string, from: number): number {
  // One entry for each open `${` or `%{`: how many braces are open in it. Texts within alternate with them.
  const open: ('text' | number)[] = ['text'];
  for (let index = from; index < source.length; index += 1) {
    const character = source[index] ?? '';
    const within = open.at(-1);
    if (within === 'text') {
      if (character === '\\') index += 1;
      else if (character === '\n') return -1;
      else if (character === '"') {
        open.pop();
        if (open.length === 0) return index + 1;
      } else if ((character === '$' || character === '%') && source[index + 1] === '{') {
        // `$${` is a dollar sign and no interpolation.
        if (source[index - 1] !== character) open.push(0);
        index += 1;
      }
    } else if (typeof within === 'number') {
      if (character === '"') open.push('text');
      else if (character === '{') open[open.length - 1] = within + 1;
      else if (character === '}') {
        if (within === 0) open.pop();
        else open[open.length - 1] = within - 1;
      }
    }
  }
  return -1;
}

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };

/** What stands outside all brackets, which stay as a pair. */
function topLevel(text: string): { readonly top: string; readonly fault: string | null } {
  const open: string[] = [];
  let top = '';
  for (const character of text) {
    const close = closing[character];
    if (close !== undefined) {
      if (open.length === 0) top += character;
      open.push(close);
    } else if (character === '}' || character === ']' || character === ')') {
      if (open.pop() !== character) return { top, fault: `a ${character} in it closes nothing` };
      if (open.length === 0) top += character;
    } else if (open.length === 0) top += character;
  }
  const left = open.at(-1);
  return { top, fault: left === undefined ? null : `a ${left} is missing at its end` };
}
