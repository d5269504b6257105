import { spawn } from 'node:child_process';

const timeoutMs = 30_000;
const mostOutputBytes = 4 * 1_048_576;

/** Variables that point git at another repository than the one that lies around the directory, as hooks set them. */
const misleading = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY'];

/**
 * Standard output of `git <args>` in `directory`, or null: git is not installed, it failed, there is no repository, or it
 * took longer than 30 s. It takes no optional lock and starts no file watcher of the repository's choice.
 */
export function git(
  directory: string,
  args: readonly string[],
  options: { readonly input?: Uint8Array } = {},
): Promise<Buffer | null> {
  // `env` takes the variables away, because only the configuration and main.ts read this process's environment.
  const command = [...misleading.flatMap((name) => ['-u', name]), 'LC_ALL=C', 'GIT_OPTIONAL_LOCKS=0', 'git'];
  const settings = [
    '--literal-pathspecs',
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.quotePath=false',
    '-C',
    directory,
  ];
  return new Promise((resolve) => {
    const child = spawn('env', [...command, ...settings, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostOutputBytes) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(chunks) : null));
    // git that ended before it read its input; its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}
