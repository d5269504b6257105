import { unwrapped } from './label.ts';

/** Names with an @: `@devops-agent`. Addresses (`a@b.c`) are none. */
export function handlesIn(text: string): readonly string[] {
  return [
    ...new Set(
      [...text.matchAll(/(?<![\w.@])@["'`]?([A-Za-z][\w-]*(?:\.[\w-]+)*)/g)].map(
        ([, name = '']) => `@${name.replace(/\.json$/, '')}`,
      ),
    ),
  ];
}

/** Who does the work and what they must be able to do, from `` `@a` - Primary capabilities: `x`, `y`. ``, `@a, @b`, `@a (x, y)`. */
export function readAgents(value: string): {
  readonly agents: readonly string[];
  readonly capabilities: readonly string[];
} {
  const text = value.replace(/\(\s*Note:[^)]*\)/gi, '').trim();
  // What stands in parentheses behind a name is what that one can do; another name may follow.
  const groups = [...text.matchAll(/\((?!\s*[`"']?@)([^()]{0,1000})\)/g)];
  const bare = groups.reduce((left, { 0: group }) => left.replace(group, ' '.repeat(group.length)), text);
  const cut = /\s[—–-]\s|\bcapabilit(?:y|ies)\b/i.exec(bare)?.index ?? text.length;
  const named = bare.slice(0, cut);
  const agents = handlesIn(named);
  const rest = text.slice(cut).replace(/^[\s—–-]+/, '');
  const grouped = groups.filter(({ index }) => index < cut).map(([, group = '']) => group);
  return {
    agents: agents.length > 0 ? agents : withoutHandles(named),
    capabilities: [...new Set([...grouped, rest].flatMap(readCapabilities))],
  };
}

/** A list of words: `` `a`, `b` and `c`. ``, `(a, b)`. */
export function readCapabilities(value: string): readonly string[] {
  const text = value.replace(/^[^:：]*\bcapabilit(?:y|ies)\b[^:：]*[:：]\s*/i, '').trim();
  const coded = [...text.matchAll(/`([^`@]+)`/g)].map(([, word = '']) => word.trim());
  if (coded.length > 0) return coded;
  return text
    .replace(/^\(|\)?\.?$/g, '')
    .split(/\s*[,;]\s*/)
    .map((word) => unwrapped(word).replace(/\.$/, ''))
    .filter((word) => word !== '' && !word.startsWith('@'));
}

/** People who forget the @: `devops-agent`. Prose names nobody. */
function withoutHandles(text: string): readonly string[] {
  return text
    .split(/\s*(?:,|&|\band\b)\s*/)
    .map((word) => unwrapped(word).replace(/^["']|["']$/g, ''))
    .filter((word) => /^[A-Za-z][\w-]*$/.test(word) && !/^(?:none|n\/?a|tbd)$/i.test(word))
    .map((word) => `@${word}`);
}

/** `agent` of a front matter: a string, `"@a, @b"`, a flow or a block list, or `{primary: …, supporting: […]}`. */
export function agentsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(agentsOf))];
  if (typeof value === 'object' && value !== null) return agentsOf(Object.values(value));
  return typeof value === 'string' ? readAgents(value).agents : [];
}
