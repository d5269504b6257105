import { parseDuration } from '../base/duration.ts';
import { asBoolean, asNumber } from './check-schema.ts';
import type { Located } from './located.ts';
import { joinPath, type Place, type Problem, problemAt } from './problem.ts';

/** What reading collects beside the values. */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: Problem[];
  /** Key path in the normalised configuration → `file:line`. */
  readonly origins: Map<string, string>;
}

/**
 * A place in the configuration while it is filled in. Every read gives the default where nothing, or something of the
 * wrong form, is written: the form was complained about already, and the rest can still be looked at.
 */
export class Cursor {
  readonly path: string;
  readonly node: Located | null;
  readonly at: Place;
  readonly findings: Findings;
  /** Path in the normalised configuration. */
  readonly target: string;

  constructor(node: Located | null, at: Place, path: string, target: string, findings: Findings) {
    this.node = node;
    this.at = at;
    this.path = path;
    this.target = target;
    this.findings = findings;
  }

  get present(): boolean {
    return this.node !== null && !(this.node.kind === 'scalar' && this.node.value === null);
  }

  /** One key down; `as` is its name in the normalised configuration. */
  key(name: string, as: string = name): Cursor {
    const entry = this.node?.kind === 'map' ? this.node.entries.get(name) : undefined;
    const target = as === '' ? this.target : joinPath(this.target, as);
    return new Cursor(
      entry?.value ?? null,
      entry?.key ?? this.at,
      joinPath(this.path, name),
      target,
      this.findings,
    );
  }

  /** The same place, for a short form that stands for one field of the normalised value. */
  as(name: string): Cursor {
    return new Cursor(this.node, this.at, this.path, joinPath(this.target, name), this.findings);
  }

  keys(): readonly string[] {
    return this.node?.kind === 'map' ? [...this.node.entries.keys()] : [];
  }

  /** The entries of a list; a single value is a list of one. */
  items(): readonly Cursor[] {
    if (!this.present || this.node === null) return [];
    const items = this.node.kind === 'list' ? this.node.items : [this.node];
    this.mark();
    return items.map(
      (item, index) =>
        new Cursor(item, item.at, joinPath(this.path, index), `${this.target}[${index}]`, this.findings),
    );
  }

  get isMap(): boolean {
    return this.node?.kind === 'map';
  }

  /** Remembers that the value was written here, not filled in. */
  mark(): void {
    if (this.present) this.findings.origins.set(this.target, `${this.at.file}:${this.at.line}`);
  }

  text(): string | null {
    if (this.node?.kind !== 'scalar' || typeof this.node.value !== 'string' || this.node.value === '')
      return null;
    this.mark();
    return this.node.value;
  }

  number(otherwise: number): number {
    const value = this.node === null ? Number.NaN : asNumber(this.node);
    if (!Number.isFinite(value)) return otherwise;
    this.mark();
    return value;
  }

  flag(otherwise: boolean): boolean {
    const value = this.node === null ? null : asBoolean(this.node);
    if (value === null) return otherwise;
    this.mark();
    return value;
  }

  durationMs(otherwise: string): number {
    const written = this.text();
    if (written !== null && /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/.test(written)) {
      return Math.round(parseDuration(written));
    }
    return parseDuration(otherwise);
  }

  /** `5`, `5%` → 5. */
  percent(otherwise: number): number {
    const written = this.text();
    const found = written === null ? null : /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(written);
    return found ? Number(found[1]) : this.number(otherwise);
  }

  /** `5%` → 0.05. */
  fraction(otherwise: number): number {
    // Divided after scaling to whole numbers, so that 0.05% is 0.0005 and not 0.0005000000000000001.
    const value = this.percent(otherwise * 100);
    return this.present ? Number((value / 100).toPrecision(12)) : otherwise;
  }

  get isOff(): boolean {
    if (this.node?.kind !== 'scalar') return false;
    const off = this.node.value === 'off' || asBoolean(this.node) === false;
    if (off) this.mark();
    return off;
  }

  choice<const T extends string>(allowed: readonly T[], otherwise: T): T {
    const written = this.text();
    return allowed.find((one) => one === written) ?? otherwise;
  }

  texts(): readonly string[] {
    return this.items().flatMap((item) => {
      const value = item.node?.kind === 'scalar' ? item.node.value : null;
      return typeof value === 'string' && value !== '' ? [value] : [];
    });
  }

  textMap(): Readonly<Record<string, string>> {
    const pairs = this.keys().flatMap((name): [string, string][] => {
      const { node } = this.key(name);
      if (node?.kind !== 'scalar' || node.value === null) return [];
      this.key(name).mark();
      return [[name, String(node.value)]];
    });
    return Object.fromEntries(pairs);
  }

  complain(code: string, message: string, remedy: string): void {
    this.findings.problems.push(problemAt(this.at, { code, message, path: this.path, remedy }));
  }

  warn(code: string, message: string, remedy: string): void {
    this.findings.warnings.push(problemAt(this.at, { code, message, path: this.path, remedy }));
  }
}
