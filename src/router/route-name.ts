const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const rememberedPaths = 2_000;
const longestName = 120;

/** `GET /users/17/photos/9f8e7d6c5b4a` → `GET /users/:n/photos/:n`. Remembers recent answers. */
export class RouteNames {
  #known = new Map<string, string>();

  of(method: string, path: string): string {
    const end = path.indexOf('?');
    const plain = end < 0 ? path : path.slice(0, end);
    const key = `${method} ${plain}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = methods.has(method) ? `${method} ${foldNumbers(plain)}`.slice(0, longestName) : 'other';
    if (this.#known.size >= rememberedPaths) this.#known.clear();
    this.#known.set(key, name);
    return name;
  }
}

/** Segments that are numbers, UUIDs or long hexadecimal words become `:n`. */
function foldNumbers(path: string): string {
  return path.replace(/(?<=\/)(?:\d+|[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4,}){0,6})(?=\/|$)/g, ':n');
}
