const mostLength = 2_048;

/**
 * A path as it may be kept: in its query the names stand, and the values of those that are `allowed` only, because tokens
 * travel in queries. `/a?page=2&token=x` → `/a?page=2&token=*` with `page` allowed. Cut off after 2,048 characters.
 */
export function loggedPath(path: string, allowed: ReadonlySet<string>): string {
  const start = path.indexOf('?');
  const whole = start < 0 ? path : path.slice(0, start + 1) + loggedQuery(path.slice(start + 1), allowed);
  return whole.length > mostLength ? `${whole.slice(0, mostLength)}…` : whole;
}

function loggedQuery(query: string, allowed: ReadonlySet<string>): string {
  return query.replace(/[^&;]+/g, (pair) => {
    const equals = pair.indexOf('=');
    // A word without a name may be the secret itself.
    if (equals < 0) return '*';
    const name = pair.slice(0, equals);
    return allowed.has(name) ? pair : `${name}=*`;
  });
}
