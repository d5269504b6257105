/** Whether both have one `canonicalJson`, without writing either: what is asked with each measurement should make nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isCompound(a) || !isCompound(b)) return !isCompound(a) && !isCompound(b) && textOf(a) === textOf(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((member, index) => sameJson(member, b[index]));
  }
  const members = Object.keys(a).filter((key) => a[key] !== undefined);
  if (members.some((key) => b[key] === undefined || !sameJson(a[key], b[key]))) return false;
  return Object.keys(b).every((key) => b[key] === undefined || a[key] !== undefined);
}

function isCompound(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
