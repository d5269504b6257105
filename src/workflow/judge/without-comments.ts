/**
 * A content without its comments, by the name of its file; the same content where the name tells of none. What stands in quotation
 * marks is no comment. Takes time linear in the content.
 */
export function withoutComments(content: string, path: string): string {
  const name = path.split('/').at(-1)?.toLowerCase() ?? '';
  const forms = comments.find(([pattern]) => pattern.test(name))?.[1];
  return forms === undefined
    ? content
    : content.replace(forms, (found) => (/^["']/.test(found) ? found : ' '));
}

const quoted = String.raw`"(?:[^"\\\n]|\\.)*"|'[^'\n]*'`;
const hash = String.raw`(?<![^\s])#[^\n]*`;
const slashes = String.raw`(?<![^\s;{}(),])//[^\n]*|/\*[\s\S]*?(?:\*/|$)`;

const comments: readonly (readonly [RegExp, RegExp])[] = [
  [/\.(?:tf|tfvars|hcl)$/, new RegExp(`${quoted}|${hash}|${slashes}`, 'g')],
  [
    /\.(?:ya?ml|toml|sh|bash|py|rb|conf|cfg|ini|properties|env)$|^(?:dockerfile|makefile|\.env)/,
    new RegExp(`${quoted}|${hash}`, 'g'),
  ],
  [
    /\.(?:[cm]?[jt]sx?|json[c5]|java|go|rs|c|h|cpp|cs|kt|swift|css|scss)$/,
    new RegExp(`${quoted}|${slashes}`, 'g'),
  ],
  [/\.(?:md|markdown|html?|xml|svg|vue)$/, /<!--[\s\S]*?(?:-->|$)/g],
];
