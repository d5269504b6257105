// Asks a proxy in a process of its own: one LoadOrder over IPC after the other, each answered with a LoadReport.
import { setTimeout as sleep } from 'node:timers/promises';
import { busyMs, cpuMs } from '../process-figures.ts';
import { AskingConnection } from './asking-connection.ts';
import type { LoadOrder, LoadReport } from './load-message.ts';

process.on('message', async (order: LoadOrder) => {
  process.send?.(await carryOut(order));
});
process.on('disconnect', () => process.exit(0));

async function carryOut(order: LoadOrder): Promise<LoadReport> {
  const run = order.pace === null ? new Flood(order) : new Pace(order, order.pace);
  await sleep(order.leadMs);
  const { answers, failed } = run;
  run.latenciesMs.length = 0;
  const begun = performance.now();
  const before = await timesOf(order.watched);
  await sleep(order.forMs);
  const after = await timesOf(order.watched);
  const report = {
    answers: run.answers - answers,
    failed: run.failed - failed,
    elapsedMs: performance.now() - begun,
    ranMs: after.ranMs - before.ranMs,
    busyMs: after.busyMs - before.busyMs,
    latenciesMs: [...run.latenciesMs],
  };
  run.close();
  return report;
}

async function timesOf(
  pids: readonly number[],
): Promise<{ readonly ranMs: number; readonly busyMs: number }> {
  const sum = async (of: (pid: number) => Promise<number>) =>
    (await Promise.all(pids.map(of))).reduce((all, one) => all + one, 0);
  return { ranMs: await sum(cpuMs), busyMs: await sum(busyMs) };
}

/** Each connection asks again as soon as it has its answer. */
class Flood {
  answers = 0;
  failed = 0;
  readonly latenciesMs: number[] = [];
  #connections: readonly AskingConnection[];

  constructor({ port, bodyBytes, connections }: LoadOrder) {
    this.#connections = Array.from({ length: connections }, () => {
      const connection = new AskingConnection(port, bodyBytes, (good) => {
        if (good) this.answers += 1;
        else this.failed += 1;
        connection.ask();
      });
      connection.ask();
      return connection;
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/**
 * Requests that are due go out on the connections that wait, the one that waits longest first. Where none waits, the time
 * of a request runs from when it was due: whoever stalls is not asked less for it.
 */
class Pace {
  answers = 0;
  failed = 0;
  readonly latenciesMs: number[] = [];
  #connections: AskingConnection[] = [];
  #free: ((atMs: number) => void)[] = [];
  #overdue: number[] = [];
  #timer: NodeJS.Timeout;

  constructor({ port, bodyBytes, connections }: LoadOrder, perSecond: number) {
    for (let i = 0; i < connections; i += 1) this.#open(port, bodyBytes);
    const begun = performance.now();
    let asked = 0;
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - begun) * perSecond) / 1_000; asked < due; asked += 1) {
        const ask = this.#free.shift();
        if (ask === undefined) this.#overdue.push(performance.now());
        else ask(performance.now());
      }
    }, 1);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.close();
  }

  #open(port: number, bodyBytes: number): void {
    let sentMs = 0;
    const connection = new AskingConnection(port, bodyBytes, (good) => {
      this.latenciesMs.push(performance.now() - sentMs);
      if (good) this.answers += 1;
      else this.failed += 1;
      const dueMs = this.#overdue.shift();
      if (dueMs === undefined) this.#free.push(ask);
      else ask(dueMs);
    });
    const ask = (atMs: number) => {
      sentMs = atMs;
      connection.ask();
    };
    this.#connections.push(connection);
    this.#free.push(ask);
  }
}
