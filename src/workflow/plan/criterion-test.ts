import type { Match } from '../../base/look.ts';
import { baseName } from '../reading/artifacts.ts';
import type { Artifact, Criterion } from '../reading/document.ts';
import type { Bindings, NamedCommand } from './bindings.ts';
import { criterionMatch } from './criterion-match.ts';
import type { Executor } from './executor.ts';
import { httpCriterion } from './http-criterion.ts';
import { candidatesOf, type PathPlaces, pathsNamed } from './named-paths.ts';
import type { CriterionTest } from './planned-criterion.ts';

/** What a criterion is read against. */
export interface CriterionContext {
  /** Who performs the step; null: nobody yet. `none`: it belongs to no step, and nothing is printed. */
  readonly performer: Executor['kind'] | 'none' | null;
  /** The command itself is the proof, says the bindings file. */
  readonly ownProof: boolean;
  /** All criteria of the same step or group. */
  readonly siblings: readonly Criterion[];
  /** Command and description; a file that they name is meant where a criterion names none. */
  readonly words: string;
  readonly places: PathPlaces;
  /** Files that the document promises, with their schemas. */
  readonly artifacts: readonly Artifact[];
  readonly bindings: Pick<Bindings, 'hosts' | 'checks' | 'tests' | 'processes'>;
}

export interface Judging {
  readonly test: CriterionTest;
  readonly proves: boolean;
}

/** How Sluice judges a criterion by itself, and whether that it holds proves anything. */
export function criterionTest(criterion: Criterion, context: CriterionContext): Judging {
  const test = testOf(criterion, context);
  return { test, proves: provesIt(test, context) };
}

function provesIt(test: CriterionTest, { performer, ownProof }: CriterionContext): boolean {
  switch (test.kind) {
    case 'look':
      // Whoever does a step can also start a process of that name and answer 200; a command of the bindings is a probe.
      return performer === 'sluice' || test.look.kind === 'command';
    case 'exit-code':
    case 'output':
      return performer === 'sluice' || (performer === 'run' && ownProof);
    case 'capability':
      return true;
    case 'unbound':
    case 'sign-off':
      return false;
  }
}

/** Nobody writes a longer criterion, and the expressions that read it would take their time. */
const longest = 2_000;

const signOff: CriterionTest = { kind: 'sign-off' };
const unbound = (needs: string): CriterionTest => ({ kind: 'unbound', needs });

function testOf(criterion: Criterion, context: CriterionContext): CriterionTest {
  const { kind, text } = criterion;
  if (text.trim() === '' || text.length > longest) return signOff;
  switch (kind) {
    case 'exit-code':
      return printed(context, { kind, codes: exitCodes(text) });
    case 'output-contains':
      return printed(context, { kind: 'output', match: criterionMatch(afterVerb(text)) });
    case 'file-exists':
      return fileTest(text, context);
    case 'file-content':
      return contentTest(criterion, context);
    case 'directory-exists':
      return directoryTest(text, context);
    case 'json-valid':
      return jsonTest(criterion, context);
    case 'http-response':
      return httpTest(text, context);
    case 'process-running':
      return processTest(text, context);
    case 'tests-pass':
      return testsTest(criterion, context);
    case 'named-check': {
      const check = boundTo(context.bindings.checks, criterion);
      return check === null
        ? unbound(`\`checks: { "${bareName(text)}": COMMAND }\``)
        : commandTest(check, false);
    }
    case 'internal-state':
    case 'human': {
      const check = boundTo(context.bindings.checks, criterion);
      return check === null ? signOff : commandTest(check, false);
    }
  }
}

/** Words of agents and people are no output of a command. */
function printed({ performer }: CriterionContext, test: CriterionTest): CriterionTest {
  if (performer === 'none') return signOff;
  if (performer !== 'agent' && performer !== 'person') return test;
  const what = test.kind === 'exit-code' ? 'exit code' : 'output';
  return unbound(
    `\`run\` or \`sluice\`: ${performer === 'agent' ? 'an agent' : 'a person'} has no ${what} that counts`,
  );
}

/** `0`, `0 or 2`, `non-zero`. */
function exitCodes(text: string): readonly number[] {
  if (/\bnon-?zero\b|\bnot\s+0\b|!=\s*0|\bnonzero\b/i.test(text))
    return Array.from({ length: 255 }, (_, index) => index + 1);
  // `step-2 exits 0` says 0.
  const said = text.replace(/^.*\bexits?\b/is, '');
  const codes = [...said.matchAll(/(?<![\d.-])(\d{1,3})(?![\d.]*\d)/g)].map(([, code]) => Number(code));
  const valid = [...new Set(codes.filter((code) => code <= 255))];
  return valid.length > 0 ? valid : [0];
}

/** `content matches ridge` says `ridge`. */
function afterVerb(text: string): string {
  return text.replace(
    /^(?:the )?(?:(?:file|tool|command|terminal|console|log|document)\s+)?(?:contents?|outputs?|stdout|stderr|logs?|console|message|file)\s+(?:must |should )?(?:contains?|includes?|match(?:es)?|shows?|prints?|says?|has)\s*:?\s+/i,
    '',
  );
}

function fileTest(text: string, context: CriterionContext): CriterionTest {
  const paths = pathsFor(pathsNamed(text), context);
  if (paths.length === 0) return unbound(`a path: "${shorten(text)}" names no file`);
  if (paths.every((path) => /[*?]/.test(path)))
    return unbound(`a probe: "${shorten(text)}" is a pattern of names, and no file`);
  return { kind: 'look', look: { kind: 'file', paths, match: null } };
}

function directoryTest(text: string, context: CriterionContext): CriterionTest {
  const named = pathsNamed(text);
  const word =
    /^[`"]?([\w@.-]+(?:\/[\w@.-]+)*)\/?[`"]?(?: (?:directory|folder))?(?: (?:exists?|is created|present))?\.?$/.exec(
      text,
    )?.[1];
  const paths = pathsFor(named.length > 0 ? named : word === undefined ? [] : [word], context);
  if (paths.length === 0) return unbound(`a path: "${shorten(text)}" names no folder`);
  return { kind: 'look', look: { kind: 'directory', paths } };
}

function contentTest(criterion: Criterion, context: CriterionContext): CriterionTest {
  const { text } = criterion;
  const verb =
    /^(.{1,300}?)\s+(?:must |should )?(?:contains?|includes?|match(?:es)?|has|have)(?: the (?:text|pattern|words?|string))?\s*:?\s+(\S.*)$/is.exec(
      text,
    );
  const named = verb === null ? [] : pathsNamed(verb[1] ?? '');
  const match: Match = criterionMatch(named.length > 0 ? (verb?.[2] ?? '') : afterVerb(text));
  const paths = named.length > 0 ? pathsFor(named, context) : ownFile(criterion, context);
  if (paths.length === 0) return unbound('the file: the step names none whose content is meant');
  return { kind: 'look', look: { kind: 'file', paths, match } };
}

function jsonTest(criterion: Criterion, context: CriterionContext): CriterionTest {
  const named = pathsNamed(criterion.text).filter((path) => !/\.schema\.json$/i.test(path));
  const paths = named.length > 0 ? pathsFor(named, context) : ownFile(criterion, context);
  if (paths.length === 0) return unbound('the file: the step names none that should be JSON');
  return { kind: 'look', look: { kind: 'json', paths, schema: schemaFor(paths, context.artifacts) } };
}

/** Of the artifact that is meant; null where the document gives none. */
function schemaFor(paths: readonly string[], artifacts: readonly Artifact[]): unknown {
  const names = new Set(paths.map(baseName));
  const exact = artifacts.find(({ path }) => paths.includes(path));
  const meant =
    exact ??
    artifacts.find(({ path, alternatives }) =>
      [path, ...alternatives].some((one) => names.has(baseName(one))),
    );
  return meant?.schema ?? null;
}

/** The file that the step is about: of the criterion before, else of any other, else of its words, else the only artifact. */
function ownFile(criterion: Criterion, context: CriterionContext): readonly string[] {
  const { siblings, words, artifacts } = context;
  const place = siblings.indexOf(criterion);
  const nearest = [...siblings.slice(0, Math.max(0, place)).reverse(), ...siblings.slice(place + 1)];
  for (const { kind, text } of nearest) {
    if (kind !== 'file-exists' && kind !== 'json-valid') continue;
    const paths = pathsFor(pathsNamed(text), context);
    if (paths.length > 0) return paths;
  }
  const [spoken, another] = pathsNamed(words).filter((path) => /\.[A-Za-z]\w{0,9}$/.test(path));
  if (spoken !== undefined && another === undefined) return pathsFor([spoken], context);
  const [only, second] = artifacts;
  return only !== undefined && second === undefined
    ? pathsFor([only.path, ...only.alternatives], context)
    : [];
}

function pathsFor(names: readonly string[], { places }: CriterionContext): readonly string[] {
  return [...new Set(names.flatMap((name) => candidatesOf(name, places)))];
}

function httpTest(text: string, { bindings }: CriterionContext): CriterionTest {
  const found = httpCriterion(text, bindings.hosts);
  if (found.kind === 'look') return found;
  if (found.kind === 'no-address')
    return unbound(`an address: "${shorten(text)}" names none; a probe { http: URL } does`);
  return unbound(`\`hosts: { "${found.host}": ADDRESS }\``);
}

function processTest(text: string, { bindings }: CriterionContext): CriterionTest {
  const port = /\bport\s*:?\s*(\d{1,5})\b|(?<=\S):(\d{2,5})\b/i.exec(text);
  const name = bareName(text.replace(/\b(?:on|at|via)?\s*port\s*:?\s*\d{1,5}\b/i, ''))
    .replace(/^the\s+/i, '')
    .replace(/[`"“”]/g, '')
    .replace(
      /\s+(?:(?:process|service|server|daemon|container)\s*)?(?:is |are )?(?:up and running|running|started|active|alive|up)\b.*$/i,
      '',
    )
    .trim();
  const known = named(bindings.processes, [text, name]);
  if (known !== null) return { kind: 'look', look: { kind: 'process', ...known } };
  if (name === '') return unbound('the name of the process');
  const number = port === null ? null : Number(port[1] ?? port[2]);
  return { kind: 'look', look: { kind: 'process', name, port: number } };
}

function testsTest(criterion: Criterion, { bindings }: CriterionContext): CriterionTest {
  const suite = boundTo(bindings.tests, criterion) ?? bindings.tests.get('*') ?? null;
  return suite === null
    ? unbound(`\`tests: { "${bareName(criterion.text)}": COMMAND }\``)
    : commandTest(suite, true);
}

function commandTest({ run, timeoutMs, env }: NamedCommand, tests: boolean): CriterionTest {
  return { kind: 'look', look: { kind: 'command', run, timeoutMs, env, tests } };
}

function boundTo<One>(known: ReadonlyMap<string, One>, { label, text }: Criterion): One | null {
  return named(known, [text, bareName(text), `${label} ${text}`, `${label}: ${text}`, label]);
}

/** The entry that bears one of the names, whatever their case and punctuation. */
function named<One>(known: ReadonlyMap<string, One>, names: readonly string[]): One | null {
  const spoken = new Map([...known].map(([key, value]) => [spokenName(key), value]));
  for (const name of names) {
    const found = spoken.get(spokenName(name));
    if (found !== undefined && spokenName(name) !== '') return found;
  }
  return null;
}

function spokenName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
}

/** `` `pipeline-tests` pass`` is `pipeline-tests`. */
function bareName(text: string): string {
  const coded = /^[`"“]([^`"”]+)[`"”]/.exec(text.trim())?.[1];
  return (
    coded ??
    text.replace(
      /\s+(?:check\s+)?(?:all\s+)?(?:pass(?:es|ed)?|succeeds?|succeeded|(?:is |are )?(?:ok|green))\s*\.?$/i,
      '',
    )
  ).trim();
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
