import { withoutComments } from './without-comments.ts';

/** What somebody was asked to bring about, in the words in which it was asked. */
export interface Asked {
  readonly command: string;
  readonly description: string | null;
  /** Label and text of every criterion of the step. */
  readonly criteria: readonly { readonly label: string; readonly text: string }[];
  /** Of the file that is looked at; null for an output. */
  readonly path: string | null;
  /** What else the brief says, at length: its words are anybody's, but sentences of it are copied. Default: nothing. */
  readonly told?: string;
}

/** Less than this share of words of its own is nothing of its own. */
const leastOwn = 0.2;

/**
 * Why a content only restates what was asked, for people; null when it says something of its own. Case, punctuation, order,
 * repetition, comments, words that say nothing and words that every file of its format has make no difference. It takes time
 * linear in the content.
 *
 * It finds the sentence that was copied, not every lie: a probe proves, this only disproves.
 */
export function restates(content: string, asked: Asked): string | null {
  const words = wordsOf(withoutComments(content, asked.path ?? ''));
  if (words.length === 0) return content.trim() === '' ? 'it is empty' : 'it has no words';
  const known = vocabularyOf(asked);
  const copied = copiedIn(words, asked.told ?? '');
  const isOwn = (word: string, at: number) => !copied.has(at) && !known.has(stemOf(word));
  const said = words.filter((word) => !saysNothing(word));
  const telling = said.filter((word) => !isScaffold(word, asked.path));
  const own = words.filter(
    (word, at) => isOwn(word, at) && !saysNothing(word) && !isScaffold(word, asked.path),
  );
  if (own.length === 0) return 'it says only what was asked, in the words in which it was asked';
  // One word more, such as the `config:` above it or the 1 of `version: 1`, does not make it say something; a measure does.
  const isMeasure = (word: string, at: number) =>
    /^\p{N}/u.test(word) && isOwn(word, at) && at > 0 && !scaffold.has(words[at - 1] ?? '');
  const alone = own.length < said.length && new Set(own).size < 2 && !words.some(isMeasure);
  if (own.length >= leastOwn * telling.length && !alone) return null;
  const percent = Math.round((100 * (telling.length - own.length)) / telling.length);
  return `${percent} % of it are words of what was asked`;
}

/** Words in a row that make a sentence a copied one. */
const copiedRun = 4;

/** Places of words in sentences of what was told. They count among what is said, and are nobody's own. */
function copiedIn(words: readonly string[], told: string): ReadonlySet<number> {
  const copied = new Set<number>();
  if (words.length < copiedRun) return copied;
  const runs = runsOf(told);
  for (let at = 0; at + copiedRun <= words.length; at += 1) {
    if (!runs.has(runAt(words, at))) continue;
    for (let place = at; place < at + copiedRun; place += 1) copied.add(place);
  }
  return copied;
}

/** What was told last, and its sentences: all criteria of a step are asked beside the same brief. */
let latest: { readonly told: string; readonly runs: ReadonlySet<string> } = { told: '', runs: new Set() };

function runsOf(told: string): ReadonlySet<string> {
  if (latest.told === told) return latest.runs;
  const words = wordsOf(told);
  const runs = new Set<string>();
  for (let at = 0; at + copiedRun <= words.length; at += 1) runs.add(runAt(words, at));
  latest = { told, runs };
  return runs;
}

function runAt(words: readonly string[], at: number): string {
  return words.slice(at, at + copiedRun).join(' ');
}

/** Keys that a file of its format has whatever it says. */
function isScaffold(word: string, path: string | null): boolean {
  return path !== null && /\.(?:json|ya?ml|tf|tfvars|hcl|toml)$/i.test(path) && scaffold.has(word);
}

const scaffold: ReadonlySet<string> = new Set(
  (
    'version versions services service image images build groups group rules rule alert record expr up name names id ids type types ' +
    'kind metadata spec api apiversion resource resources provider providers variable variables module output locals terraform ' +
    'settings options config configuration enabled disabled default properties items key keys value values string object list'
  ).split(' '),
);

function vocabularyOf({ command, description, criteria, path }: Asked): ReadonlySet<string> {
  const texts = [command, description ?? '', path ?? ''];
  for (const { label, text } of criteria) texts.push(label, text, spelledOut(text));
  return new Set(texts.flatMap((text) => wordsOf(text).map(stemOf)));
}

/** A pattern as somebody writes it down who only wants it to match: `build\s+done` is `build done`. */
function spelledOut(pattern: string): string {
  return pattern.replace(/\\[a-zA-Z]/g, ' ').replace(/[\\^$.*+?()[\]{}|]/g, ' ');
}

/** Runs of letters, or of digits; `autoScaling`, `auto-scaling` and `auto_scaling` are the same two words. */
function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .match(/\p{L}+|\p{N}+/gu) ?? []
  );
}

/** So that `stage`, `stages` and `staged` are one word. Short words and numbers stay as they are. */
function stemOf(word: string): string {
  if (word.length < 5) return word.length === 4 ? word.replace(/s$/, '') : word;
  return word.replace(/(?:ations?|ings?|ies|ed|es|s|e|y)$/, '');
}

/** Words that make sentences longer without making them say more. */
function saysNothing(word: string): boolean {
  return (word.length < 3 && !/^\p{N}/u.test(word)) || filler.has(word);
}

const filler: ReadonlySet<string> = new Set(
  (
    'the and for with was were are has have had been being this that these those all any not but from into its our your their ' +
    'will would shall should can could must may also then than now here there where when which who what how per via ' +
    'yes true false null none done ready success successful successfully succeeded complete completed completely completion ' +
    'pass passed passes fine good exist exists existing present created create creates implemented implement defined define ' +
    'configured configure described described documented document file files content contents contain contains include includes ' +
    'output step task section note todo tbd placeholder lorem ipsum dolor sit amet echo print printf criterion criteria ' +
    'lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore dolore magna aliqua enim minim ' +
    'veniam quis nostrud exercitation ullamco laboris nisi aliquip commodo consequat duis aute irure reprehenderit voluptate velit ' +
    'esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa officia deserunt mollit anim est ' +
    'comprehensive robust scalable seamless efficient effective reliable solution various several important relevant appropriate ' +
    'proper properly fully ensure ensures ensuring provide provides provided overview introduction summary conclusion purpose ' +
    'approach best practice practices industry standard standards leverage utilize foo bar baz qux test dummy sample ' +
    'according required requirement requirements requested expected matches match text name title value data example'
  ).split(' '),
);
