import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type SelfSigned, selfSigned } from '../ports/traffic/self-signed.ts';
import { readCertificate } from './certificate.ts';

async function files(test: TestContext, { certificate, key }: SelfSigned) {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
  test.after(() => rm(directory, { recursive: true, force: true }));
  const paths = { certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') };
  await writeFile(paths.certificate, certificate);
  await writeFile(paths.key, key);
  return paths;
}

const dayMs = 86_400_000;
const good = selfSigned(['shop.test', 'www.shop.test']);
const now = Date.now();

describe('a certificate', () => {
  it('is read with its names and its end', async (test) => {
    const { names, validTo } = await readCertificate(await files(test, good), now);
    assert.match(names, /shop\.test.*www\.shop\.test/);
    assert.ok(validTo > now && validTo < now + 2 * dayMs);
  });

  const past = selfSigned(['a.test'], { from: now - 9 * dayMs, to: now - dayMs });
  const bad: readonly (readonly [what: string, code: string, given: SelfSigned])[] = [
    ['that ran out', 'certificate-expired', past],
    [
      'of the future',
      'certificate-not-yet-valid',
      selfSigned(['a.test'], { from: now + dayMs, to: now + 9 * dayMs }),
    ],
    ['with the key of another', 'certificate-key-mismatch', { ...good, key: selfSigned(['b.test']).key }],
    ['that is none', 'certificate-unreadable', { ...good, certificate: 'hello' }],
    ['whose key is cut off', 'certificate-unreadable', { ...good, key: good.key.slice(0, 60) }],
    [
      'with the files the wrong way round',
      'certificate-unreadable',
      { certificate: good.key, key: good.certificate },
    ],
  ];
  for (const [what, code, given] of bad) {
    it(`${what} is refused with ${code}, a path and a remedy`, async (test) => {
      const paths = await files(test, given);
      await assert.rejects(
        readCertificate(paths, now),
        (error: Error & { code?: string; remedy?: string }) => {
          assert.equal(error.code, code);
          assert.match(error.message, /server\.(?:crt|key)/);
          assert.ok(error.remedy);
          return true;
        },
      );
    });
  }

  it('that is not there is refused', async (test) => {
    const paths = { ...(await files(test, good)), key: '/nowhere/server.key' };
    await assert.rejects(readCertificate(paths, now), { code: 'certificate-unreadable' });
  });

  it('that ran out can be had where something is better than nothing', async (test) => {
    await readCertificate(await files(test, past), now, { evenExpired: true });
  });
});
