import { relative } from 'node:path';

interface TestEvent {
  readonly type: string;
  readonly data: { readonly file?: string };
}

/** A reporter for `node --test`: the paths of the files in which a test failed, one a line, each once. */
// biome-ignore lint/style/noDefaultExport: the test runner takes a reporter from there.
export default async function* failedFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const told = new Set<string>();
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.file === undefined) continue;
    const file = relative('.', data.file);
    if (told.has(file)) continue;
    told.add(file);
    yield `${file}\n`;
  }
}
