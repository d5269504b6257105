import type { Look, Match } from '../../base/look.ts';
import { isPlaceholder } from '../reading/check-facts.ts';
import { criterionMatch, jsonFragment, quotedIn } from './criterion-match.ts';

type HttpLook = Extract<Look, { kind: 'http' }>;

/** `host`: of a document that names one without saying where it is; `*` where it names a path only. */
export type HttpCriterion =
  | { readonly kind: 'look'; readonly look: HttpLook }
  | { readonly kind: 'host-missing'; readonly host: string }
  | { readonly kind: 'no-address' };

const host = String.raw`(?:<[^<>\s]{1,80}>|\$?\{\{?[^{}\s]{1,80}\}?\}|\$\w{1,80}|\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*)(?::(?:\d+|<[^<>\s]{1,40}>|\$?\{\w{1,40}\}))?`;
const rest = String.raw`(?:[/?][^\s${'`'}"'“”,;)]*)?`;
const address = new RegExp(`\\bhttps?://(${host})(${rest})`, 'i');
/** Without `http://`: only what can be nothing else. */
const bare = new RegExp(
  `(?<![\\w./@-])((?:localhost|127\\.0\\.0\\.1|[\\w-]+(?:\\.[\\w-]+)+)(?::\\d+)?)(/[^\\s${'`'}"'“”,;)]*)`,
  'i',
);
const pathOnly = /(?<![\w./<>:-])(\/[^\s`"'“”,;)]*)/;
const methods = /\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b/;

/** `GET http://test-env/health returns HTTP 200 OK`, `POST /login → 401`, `/status responds with {"up": true}`. */
export function httpCriterion(text: string, hosts: ReadonlyMap<string, string>): HttpCriterion {
  const found = addressIn(text);
  if (found === null) return { kind: 'no-address' };
  const origin = originOf(found, hosts);
  if (origin === null) return { kind: 'host-missing', host: found.host ?? '*' };
  const others = text.replace(found.whole, ' ');
  const look: HttpLook = {
    kind: 'http',
    method: methods.exec(others)?.[1] ?? 'GET',
    url: `${origin}${found.path.replace(/[.:]+$/, '')}`,
    status: statusIn(others),
    match: bodyIn(others),
  };
  return URL.canParse(look.url) ? { kind: 'look', look } : { kind: 'no-address' };
}

interface Address {
  readonly whole: string;
  /** With its port, as printed; null for a path alone. */
  readonly host: string | null;
  readonly path: string;
  readonly scheme: string;
}

function addressIn(text: string): Address | null {
  const full = address.exec(text) ?? bare.exec(text);
  if (full !== null) {
    const [whole, name = '', path = ''] = full;
    return { whole, host: name, path, scheme: /^https:/i.test(whole) ? 'https' : 'http' };
  }
  const path = pathOnly.exec(text);
  return path === null ? null : { whole: path[0], host: null, path: path[1] ?? '/', scheme: 'http' };
}

function originOf({ host: name, scheme }: Address, hosts: ReadonlyMap<string, string>): string | null {
  if (name === null) return hosts.get('*') ?? null;
  const alone = name.replace(/:[^:\]]*$/, '');
  const spoken = alone.replace(/^[<${[]+|[>}\]]+$/g, '');
  const bound = hosts.get(name) ?? hosts.get(alone) ?? hosts.get(spoken);
  if (bound !== undefined) return bound;
  return isPlaceholder(alone) || /[<${]/.test(name) ? null : `${scheme}://${name}`;
}

/** Null: any below 400, as for `2xx` and for nothing at all. */
function statusIn(text: string): number | null {
  const named =
    /\b(?:HTTP(?:\/\d(?:\.\d)?)?|status(?: code)?|code|returns?|responds?(?: with)?|response)\s*(?:of|is|:|=|==)?\s*`?"?([1-5]\d\d)\b/i.exec(
      text,
    );
  const alone =
    named ??
    /(?:^|[^\d.:/])([1-5]\d\d)(?![\d.]*\d|\s*(?:ms|milliseconds|s|seconds|requests?|users?|bytes|kB|MB)\b)/i.exec(
      text,
    );
  return alone === null ? null : Number(alone[1]);
}

function bodyIn(text: string): Match | null {
  const braces = /\{[\s\S]*\}|\[\s*\{[\s\S]*\}\s*\]/.exec(text)?.[0];
  const value = braces === undefined ? undefined : jsonFragment(braces);
  if (value !== undefined) return { kind: 'json', value };
  const said =
    /\b(?:body|payload|text|json|containing|contains?|includes?)\b(?:\s+(?:that|which|is|body|text|payload|containing|contains?|includes?|matches|matching|with|equals?))*\s*[:=]?\s+(\S.*)$/is.exec(
      text,
    )?.[1];
  if (said !== undefined) return criterionMatch(said);
  const texts = quotedIn(text).filter(
    (one) => !/^(?:HTTP\b.*|[1-5]\d\d(?: \w+)*|OK)$/i.test(one) && !methods.test(one),
  );
  return texts.length > 0 ? { kind: 'literal', any: texts } : null;
}
