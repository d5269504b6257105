import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { confinementOf } from './confinement.ts';
import type { Sandbox } from './sandbox.ts';
import { shellQuote } from './shell-quote.ts';

export type FoundSandbox =
  | { readonly found: true; readonly sandbox: Sandbox }
  | { readonly found: false; readonly reason: string; readonly remedy: string };

/**
 * The first sandbox that confines a real process on this machine: one that writes in its workspace, and tries in vain to
 * write elsewhere, to change what is held, and to see what is hidden. `stateDir` must be there.
 */
export async function findSandbox(
  candidates: readonly Sandbox[],
  stateDir: string,
  env: Readonly<Record<string, string>>,
): Promise<FoundSandbox> {
  const reasons: string[] = [];
  for (const sandbox of candidates) {
    const fault = await faultOf(sandbox, stateDir, env);
    if (fault === null) return { found: true, sandbox };
    reasons.push(`${sandbox.name}: ${fault}`);
  }
  return {
    found: false,
    reason: `No sandbox works on this machine (${reasons.join('; ') || `none is known for ${process.platform}`}).`,
    remedy: `${candidates[0]?.remedy ?? 'Run Sluice on Linux or macOS.'} Or say \`unconfined: true\` in the agent's binding: then nothing confines it.`,
  };
}

/** Null: it confines. */
async function faultOf(
  sandbox: Sandbox,
  stateDir: string,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const place = await mkdtemp(join(stateDir, 'probe-'));
  const [workspace, scratch, root] = ['workspace', 'scratch', 'root'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  try {
    for (const folder of [workspace, scratch, root]) await mkdir(folder);
    await writeFile(join(workspace, 'held'), 'as it was\n');
    await writeFile(join(place, 'secret'), 'hidden\n');
    const confinement = await confinementOf({ workspace, scratch, stateDir, protectedPaths: ['held'] });
    const script = join(place, 'script');
    await writeFile(script, sandbox.script(confinement, attempts(place), root));
    const told = await performed(script, workspace, env);
    if (told !== null) return told;
    const held = await readFile(join(workspace, 'held'), 'utf8');
    const inside = await readFile(join(workspace, 'inside'), 'utf8').catch(() => '');
    return held === 'as it was\n' && inside === 'inside\n' ? null : 'it does not hold what it should';
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Exits with 0 when it could do nothing but what it may. */
function attempts(place: string): string {
  const secret = shellQuote(join(place, 'secret'));
  return `exec 2>/dev/null
mount -o remount,bind,rw /; mount -o remount,bind,rw held; umount held
echo changed > held; mv held away
if [ -e ${secret} ] || [ -w / ] || [ -w /etc ]; then exit 9; fi
echo inside > inside`;
}

/** Null: it ended with 0. */
function performed(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...env }, timeout: 20_000, killSignal: 'SIGKILL' } as const;
    const child = execFile('/bin/sh', [script], options, (error, _, stderr) => {
      const [first = ''] = stderr.trim().split('\n');
      // The shell begins with the name of its script and the line in it.
      const line = first.replace(/^\S*script: (?:\d+: |line \d+: )?/, '');
      if (error === null) resolve(null);
      else
        resolve(
          error.code === 9 ? 'it lets through what it should not' : line || `it ended with ${error.code}`,
        );
    });
    child.stdin?.end();
  });
}
