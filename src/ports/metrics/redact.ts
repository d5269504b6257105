const longestExcerpt = 200;

/**
 * The beginning of foreign text on one line, for an error message: at most 200 characters, control characters gone, and
 * whatever looks like a secret (passwords in URLs, queries of URLs, bearer and basic credentials, `token=…`) masked.
 */
export function excerpt(text: string): string {
  const line = redact(text.slice(0, 8 * longestExcerpt))
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
  return line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line;
}

function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1***@')
    .replace(/\b(https?:\/\/[^\s/?#"']+)[/?#][^\s"']*/gi, '$1/…')
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, '$1 ***')
    .replace(
      /\b([\w-]*(?:token|secret|password|passwd|api[-_]?key|authorization|credential)[\w-]*["']?\s*[:=]\s*)("[^"]*"|'[^']*'|(?!(?:bearer|basic)\b)[^\s,;&]+)/gi,
      '$1***',
    );
}

/** Scheme and host of a URL: paths and queries of hooks are often the secret itself. */
export function hostOf(url: URL): string {
  return `${url.protocol}//${url.host}`;
}
