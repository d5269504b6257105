import {
  closeSync,
  fdatasync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { replaceFile } from '../../disk/replace-file.ts';

import { bootId } from '../runtime/process-table.ts';
import { fileName, openRecords, type RecordDirectory } from '../runtime/record-directory.ts';
import type { BegunCommand, CommandRecord } from './command-record.ts';

/**
 * Records of commands. A file is whole after `kill -9` without any sync, because the kernel keeps it; what the power may take is
 * in a log that is synced instead: one flush of the disk for each command, where a synced file takes two, and its end two more.
 */
export interface CommandRecords extends RecordDirectory<CommandRecord> {
  /** Synced before it resolves: from here on the command may run, and is never run again. */
  begin(id: string, times: Pick<BegunCommand, 'startedAtMs' | 'timeoutMs'>): Promise<void>;
  /** Not synced: after a power cut it is known that the command was begun, and what it left tells how it ended. */
  keep(id: string, record: CommandRecord): void;
}

const synced = promisify(fdatasync);
/** What was begun some ten thousand commands ago the kernel has written to the disk long since. */
const mostLogBytes = 4 * 2 ** 20;

/** After a boot, records that the power took are written anew from the log. Reading throws `record-unreadable`. */
export async function openCommandRecords(directory: string): Promise<CommandRecords> {
  const records = await openRecords<CommandRecord>(directory);
  const log = join(directory, 'begun.log');
  const boot = await bootId();
  await mend(records, log, boot);
  const pathOf = (id: string) => join(directory, `${fileName(id)}.json`);
  return {
    ...records,
    async begin(id, times) {
      if (sizeOf(log) > mostLogBytes) {
        renameSync(log, `${log}.1`);
        await replaceFile(log, headOf(boot));
      }
      await append(log, { id, ...times });
    },
    keep: (id, record) => putFile(pathOf(id), record),
  };
}

type Line = { readonly id: string } & Pick<BegunCommand, 'startedAtMs' | 'timeoutMs'>;

/** Whoever led a command before the machine was started. */
const nobody = { pid: 0, startedAt: '' };

/** Within one boot nothing is lost. Where the system does not tell of boots, each opening may be the first after one. */
async function mend(records: RecordDirectory<CommandRecord>, log: string, boot: string): Promise<void> {
  const head = headOf(boot);
  const text = readText(log);
  if (text?.startsWith(head) && boot !== '') return;
  for (const { id, ...times } of [...linesOf(readText(`${log}.1`)), ...linesOf(text)]) {
    const found = await records.read(id).catch(() => null);
    if (found === null) await records.save(id, { kind: 'begun', leader: nobody, ...times, ending: null });
  }
  await replaceFile(`${log}.1`, '');
  await replaceFile(log, head);
}

function headOf(boot: string): string {
  return `${JSON.stringify({ boot })}\n`;
}

/** A line that the power cut through was of a command that had not begun. */
function linesOf(text: string | null): readonly Line[] {
  return (text ?? '').split('\n').flatMap((line) => {
    try {
      const { id, startedAtMs, timeoutMs } = JSON.parse(line) as Partial<Line>;
      const isWhole = id !== undefined && startedAtMs !== undefined && timeoutMs !== undefined;
      return isWhole ? [{ id, startedAtMs, timeoutMs }] : [];
    } catch {
      return [];
    }
  });
}

async function append(log: string, line: Line): Promise<void> {
  const file = openSync(log, 'a', 0o600);
  try {
    writeSync(file, `${JSON.stringify(line)}\n`);
    await synced(file);
  } finally {
    closeSync(file);
  }
}

function putFile(path: string, record: CommandRecord): void {
  const temporary = `${path}.${process.pid}.000000000000.tmp`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return missingIsNull(error as NodeJS.ErrnoException);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
