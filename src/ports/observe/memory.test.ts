import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { observerContract } from './contract.ts';
import { memoryObserver } from './memory.ts';

observerContract('the memory port', async () => {
  const observer = memoryObserver({ clock: systemClock });
  return {
    observer,
    root: '/work',
    async write(path, text) {
      observer.files.set(path, text);
    },
    async makeDirectory(path) {
      observer.directories.add(path);
    },
    close: () => observer.close(),
  };
});

it('the memory observer answers as it is told, and nothing holds by itself', async () => {
  const observer = memoryObserver({ clock: systemClock });
  const look = { kind: 'process', name: 'web', port: null } as const;
  assert.equal((await observer.look(look, { root: '/' })).holds, false);
  observer.answer = () => ({ holds: true, observed: 'it runs' });
  assert.equal((await observer.look(look, { root: '/' })).observed, 'it runs');
  assert.deepEqual(observer.looks, [look, look]);
});
