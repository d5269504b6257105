import type { Artifact } from '../reading/document.ts';

/** Ticks the boxes of a checklist whose files are there and complete; changes nothing else of the document, byte for byte. */
export function tickArtifacts(
  text: string,
  artifacts: readonly Artifact[],
  isComplete: (artifact: Artifact) => boolean,
): { readonly text: string; readonly ticked: readonly string[] } {
  const ticked: string[] = [];
  // Line ends stay as they are.
  const lines = text.split(/(?<=\n)/);
  for (const artifact of artifacts) {
    const line = lines[artifact.line - 1];
    if (line === undefined || artifact.checked || !isComplete(artifact)) continue;
    const box = /^(\s*(?:[-*+]|\d+[.)])\s+\[)[ ]?(\])/;
    if (!box.test(line)) continue;
    lines[artifact.line - 1] = line.replace(box, '$1x$2').replace(/\s*\(missing\)/i, '');
    ticked.push(artifact.path);
  }
  return { text: lines.join(''), ticked };
}
