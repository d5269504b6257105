import { stringify } from 'yaml';

/** Lines of frontmatter: texts quoted, keys plain, one line for each value. */
export function frontmatter(values: Readonly<Record<string, unknown>>): readonly string[] {
  const options = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 } as const;
  return stringify(values, options).trimEnd().split('\n');
}
