import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Login name of a user of this machine: from `getent`, else /etc/passwd, else the number itself as text. */
export async function ownerName(uid: number): Promise<string> {
  const asked = await run('getent', ['passwd', String(uid)], { timeout: 5_000 }).then(
    ({ stdout }) => stdout,
    // getent is not on every machine, and it fails for a user it does not know; the file is asked next.
    () => '',
  );
  return (
    nameIn(asked, uid) ?? nameIn(await readFile('/etc/passwd', 'utf8').catch(() => ''), uid) ?? String(uid)
  );
}

function nameIn(passwd: string, uid: number): string | null {
  const fields = passwd.split('\n').map((line) => line.split(':'));
  return fields.find((entry) => entry[2] === String(uid))?.[0] || null;
}
