#!/usr/bin/env node
const [major = '0'] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `sluice: this is Node.js ${process.versions.node}.\n  → Sluice needs Node.js 24 or newer: install it, or put it first on the PATH.\n  (node-too-old)\n`,
  );
  process.exitCode = 1;
} else {
  // Read only now: what is imported needs parts of Node.js that an older one lacks.
  const { runCommandLine } = await import('./cli/command-line.ts');
  await runCommandLine(process.argv);
}
