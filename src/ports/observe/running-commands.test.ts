import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listeners } from './listening-port.ts';
import { parsePs, runningCommands } from './running-commands.ts';

it('running commands have this process, with its arguments told apart', async () => {
  const own = (await runningCommands()).find(({ pid }) => pid === process.pid);
  assert.equal(own?.parent, process.ppid);
  assert.ok(own?.args.join(' ').includes('running-commands.test'));
});

it('lines of ps are read, and what has ended is left out', () => {
  const text =
    '    1     0     1 Ss   /sbin/launchd\n 4711   1  4700 S+   nginx: master process\n 4712  1 4700 Z    (nginx)\n\n';
  assert.deepEqual(parsePs(text), [
    { pid: 1, parent: 0, group: 1, args: ['/sbin/launchd'] },
    { pid: 4711, parent: 1, group: 4700, args: ['nginx: master process'] },
  ]);
});

it('listeners on a port are told from connections and from other ports', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20 4 30 10 -1
   2: 00000000:5000 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
`;
  assert.deepEqual(listeners(table, 80), ['111']);
  assert.deepEqual(listeners(table, 0x5000), ['333']);
  assert.deepEqual(listeners('', 80), []);
});
