/** A way in which something that was done honestly is not what it should be. */
export type Falsehood = { readonly name: string; readonly step: string } & (
  | { readonly kind: 'file'; readonly path: string; readonly falsify: (content: string) => string }
  | { readonly kind: 'gone'; readonly path: string }
  /** The service is ended. */
  | { readonly kind: 'ended' }
  /** Something of the same name answers 200 to everything on its port. */
  | { readonly kind: 'pretended' }
  /** Not after the honest work but instead of it: its program is another one, and what the honest one made is not there. */
  | {
      readonly kind: 'instead';
      readonly path: string;
      readonly made: string;
      readonly falsify: (content: string) => string;
    }
);

/** Each file that a criterion or a probe of examples/workflow looks at: the step that answers for it, and a quiet lie. */
const files: Readonly<Record<string, readonly [step: string, falsify: (content: string) => string]>> = {
  'station/readings.json': ['P01-T01-S01-01', (text) => text.replace('-4.5', '-3.5')],
  'out/averages.csv': ['P01-T01-S02-01', (text) => text.replace(/-3\.75$/m, '-3.57')],
  'code/frost.mjs': ['P01-T01-S03-01', (text) => text.replace('< 0', '<= 0')],
  'deploy/compose.yml': ['P01-T01-S05-01', (text) => text.replace('1.4.0', '1.3.9')],
  'deploy/main.tf': ['P01-T01-S06-01', (text) => text.replace(/to_port( *)= 8125/, 'to_port$1= 65535')],
  'deploy/alert-rules.yml': ['P01-T01-S07-01', (text) => text.replace('< 0', '< -40')],
  'calibration/offsets.json': ['P01-T01-S08-01', (text) => text.replace(/\d(?=\})/, '9').replace('0.', '1.')],
  'docs/Handbook.md': ['P01-T01-S09-01', (text) => text.replaceAll('/readings', '/reading')],
};

const imported = { path: 'tools/import.mjs', made: 'out/averages.csv' } as const;

export const falsifiedFiles: readonly string[] = Object.keys(files);

export const falsehoods: readonly Falsehood[] = [
  ...Object.entries(files).flatMap(([path, [step, falsify]]): Falsehood[] => [
    { name: `${path} says something else`, kind: 'file', step, path, falsify },
    { name: `${path} is gone`, kind: 'gone', step, path },
    { name: `${path} is empty`, kind: 'file', step, path, falsify: () => '' },
    {
      name: `${path} holds the words that were asked for`,
      kind: 'file',
      step,
      path,
      falsify: () => 'export function frostDays, resource ingress, station ready, readings complete\n',
    },
  ]),
  { name: 'station/ is gone', kind: 'gone', step: 'P01-T01-S01-01', path: 'station' },
  { name: 'the service has ended', kind: 'ended', step: 'P01-T01-S04-01' },
  { name: 'something else answers in its place', kind: 'pretended', step: 'P01-T01-S04-01' },
  {
    name: 'the import ends with 3',
    kind: 'instead',
    step: 'P01-T01-S02-01',
    ...imported,
    falsify: (text) => `${text}process.exitCode = 3;\n`,
  },
  {
    name: 'the import prints another number',
    kind: 'instead',
    step: 'P01-T01-S02-01',
    ...imported,
    falsify: (text) => text.replace('$' + '{readings.length} readings', '11 readings'),
  },
  {
    name: 'the import only prints',
    kind: 'instead',
    step: 'P01-T01-S02-01',
    ...imported,
    falsify: () => "console.log('12 readings imported');\n",
  },
];
