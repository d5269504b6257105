import { wilson } from './wilson.ts';

/** Where the demo is told: lines for people, at most 80 columns and without colour, or events as JSON. */
export class Screen {
  readonly #json: boolean;
  readonly #startedAt = performance.now();

  constructor(json: boolean) {
    this.#json = json;
  }

  /** A chapter. */
  title(text: string): void {
    this.#tell({ type: 'title', text }, `\n${text}\n${'-'.repeat(Math.min(80, text.length))}`);
  }

  note(text: string): void {
    this.#tell({ type: 'note', text }, this.#line(text));
  }

  /** A longer text, broken at spaces. */
  paragraph(text: string): void {
    const lines = text.match(/.{1,68}(?:\s|$)/g) ?? [text];
    this.#tell({ type: 'note', text }, lines.map((line) => `          ${line.trim()}`).join('\n'));
  }

  /** An event of a rollout. */
  step(target: string, text: string): void {
    this.#tell({ type: 'step', target, text }, this.#line(`${target.padEnd(11)}${text.trim()}`));
  }

  /** Traffic split, both error rates with intervals, and the evidence against its threshold. */
  moment(moment: Moment): void {
    const { stable, candidate, weightPercent, logE, threshold } = moment;
    const evidence = logE === null || threshold === null ? '' : ` e ${power(logE)}/${power(threshold)}`;
    this.#tell(
      { type: 'moment', ...moment },
      this.#line(
        `${String(Math.round(weightPercent)).padStart(3)}% ${rateText(stable)} ${rateText(candidate)}${evidence}`,
      ),
    );
  }

  legend(): void {
    this.#tell(
      { type: 'legend' },
      [
        '  each second: share of the candidate, then for stable and candidate the share of',
        '  failed requests with its 95 % interval, those included that stable answered',
        '  instead, so that no user saw them; then the evidence e that the candidate is',
        '  worse, over the threshold at which it is taken back',
      ].join('\n'),
    );
  }

  summary(summary: object, lines: readonly (readonly [string, string])[]): void {
    const text = lines.map(([label, value]) => `  ${label.padEnd(30)}${value}`).join('\n');
    this.#tell({ type: 'summary', ...summary }, `\nSummary\n-------\n${text}`);
  }

  #line(text: string): string {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1).padStart(5);
    const room = 80 - seconds.length - 3;
    return `${seconds}s  ${text.length > room ? `${text.slice(0, room - 1)}…` : text}`;
  }

  #tell(event: object, text: string): void {
    process.stdout.write(`${this.#json ? JSON.stringify(event) : text}\n`);
  }
}

/** What is shown once a second while a candidate has traffic. */
export interface Moment {
  readonly weightPercent: number;
  readonly stable: Rate;
  readonly candidate: Rate;
  /** Natural logarithms; null while nothing is compared. */
  readonly logE: number | null;
  readonly threshold: number | null;
}

/** What the router counted for a version: what stable answered in its place is a failure of it here. */
export interface Rate {
  readonly version: string;
  readonly requests: number;
  readonly failed: number;
}

function rateText({ version, requests, failed }: Rate): string {
  if (requests === 0) return `${version} no requests     `;
  const [low, high] = wilson(failed, requests);
  const share = (value: number) => (value * 100).toFixed(value < 0.1 ? 2 : 1);
  return `${version} ${share(failed / requests)}% [${share(low)} ${share(high)}]`;
}

/** e to that power, short. */
function power(log: number): string {
  const value = Math.exp(log);
  return value >= 10_000 ? value.toExponential(0) : value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
