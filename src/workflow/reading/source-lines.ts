import type { Problems } from './problem.ts';

/** Lines of a document, each with the number it has in the file. */
export interface SourceLines {
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** Decodes a file so that byte order mark, line ends, a missing last one and trailing blanks change nothing. */
export function sourceLines(bytes: Uint8Array, problems: Problems): SourceLines {
  const text = decoded(bytes, problems).replace(/\r\n?/g, '\n');
  const texts = text.split('\n').map((line) => line.trimEnd());
  while (texts.length > 0 && texts.at(-1) === '') texts.pop();
  return { texts, numbers: texts.map((_, index) => index + 1) };
}

function decoded(bytes: Uint8Array, problems: Problems): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    problems.add(
      'not-utf-8',
      1,
      'the file has bytes that are no UTF-8; each was read as �',
      'Save the document as UTF-8.',
    );
    return new TextDecoder('utf-8').decode(bytes);
  }
}
