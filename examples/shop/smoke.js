// Asks a running shop (SLUICE_URL) for each page once and exits 1 when one is not as it should be.
const base = process.env.SLUICE_URL;
if (!base) {
  console.error('SLUICE_URL is not set: give the address of a running shop, such as http://127.0.0.1:3000.');
  process.exit(2);
}

const pages = {
  '/readyz': '"ok"',
  '/': 'Wood things',
  '/products?q=oak': 'found for',
  '/cart?ids=p1,p1': '2 ×',
};
let failed = 0;
for (const [path, expected] of Object.entries(pages)) {
  const problem = await problemOf(path, expected);
  if (problem !== null) failed += 1;
  console.log(`${problem === null ? 'ok  ' : 'FAIL'} ${path}${problem === null ? '' : `: ${problem}`}`);
}
process.exit(failed === 0 ? 0 : 1);

/** A page may fail once: smoke asks whether the shop works at all; how often it fails is judged on live requests. */
async function problemOf(path, expected, attempts = 4) {
  try {
    const response = await fetch(new URL(path, base), { signal: AbortSignal.timeout(5000) });
    const body = await response.text();
    if (response.ok && body.includes(expected)) return null;
    if (attempts > 1) return problemOf(path, expected, attempts - 1);
    return response.ok ? `“${expected}” is missing` : `status ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
