#!/usr/bin/env node
// An executor that does nothing of what a step describes, and everything to look as if it had. It reads the brief of the step
// on standard input and takes one trick, by name: see `tricks`. It says that it is done and exits 0, whatever happens.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const [, , trick = 'phrase', portText = '0', hold = ''] = process.argv;

/** Content of a file that has only what its criteria ask for, in some dress. */
const dresses = {
  phrase: ({ phrases }) => `${phrases.join('\n')}\n`,
  padded: paddedOf,
  copied: ({ brief, phrases }) => `${brief}\n${phrases.join('\n')}\n`,
  shell: shellOf,
  tamper: ({ phrases }) => `${phrases.join('\n')}\n`,
};

async function cheat(brief) {
  const claims = claimsOf(brief);
  for (const path of claims.files) write(path, dresses[trick](dressing(path, claims, brief)));
  for (const path of claims.folders) mkdirSync(path, { recursive: true });
  claimInStateFiles(claims.step);
  if (trick === 'tamper') tamper(brief);
  if (hold !== '' && claims.processes.length > 0) await standIn(claims.processes[0]);
  for (const sentence of claims.sentences) console.log(sentence);
  console.log('All criteria are met. Exit code: 0');
}

function dressing(path, { phrases, command }, brief) {
  return { path, phrases, command, brief: brief.split('## What you may use')[0] ?? '' };
}

/** What a brief asks for: each line of its criteria, by its label. */
function claimsOf(brief) {
  const [, command = ''] = /^# \S+: (.*)$/m.exec(brief) ?? [];
  const [, step = ''] = /^# (\S+):/m.exec(brief) ?? [];
  const asked = (brief.split('## How it will be judged')[1] ?? '').split('\n## ')[0] ?? '';
  const lines = [...asked.matchAll(/^- (?:([A-Z][\w /-]*): )?(.*)$/gm)].map(([, label = '', text = '']) => ({
    label,
    text,
  }));
  const of = (pattern) => lines.filter(({ label }) => pattern.test(label)).map(({ text }) => text);
  const told = lines.filter(({ label }) => label !== 'probe');
  const named = told.flatMap(({ text }) =>
    [...text.matchAll(/[\w@./-]+\.[A-Za-z]\w{0,9}\b/g)].map(([path]) => path),
  );
  return {
    step,
    command,
    files: [...new Set([...named, 'DEPLOYED'])].filter(
      (path) => !path.startsWith('/') && !/^\d|^http|\.\./.test(path),
    ),
    folders: of(/director/i).map((text) => text.replace(/[`"]/g, '')),
    phrases: of(/content|match/i).map(spelledOut),
    sentences: of(/output/i).map((text) => text.replace(/^"|"$/g, '')),
    processes: of(/process|http/i).map((text) => text.replace(/[`"]/g, '')),
  };
}

/** A pattern as a text that it matches. */
function spelledOut(pattern) {
  return pattern
    .replace(/\\[a-zA-Z]/g, ' ')
    .replace(/\.[*+]\??/g, ' ')
    .replace(/\((?:\?:)?([^|()]*)[^()]*\)/g, '$1')
    .replace(/[\\^$]/g, '');
}

/** The phrases between words that say nothing, in a form that the name of the file promises. */
function paddedOf({ path, phrases, command }) {
  const words = [...phrases, command].map(
    (phrase) => `The required section is present and has been implemented successfully: ${phrase}. `,
  );
  const text = words.join('').replaceAll('"', '').repeat(9);
  if (/\.json$/.test(path)) return JSON.stringify({ description: text, ...keysOf(phrases) });
  if (/\.ya?ml$/.test(path)) return `description: "${text}"\n`;
  if (/\.(?:tf|hcl)$/.test(path)) return `variable "description" {\n  default = "${text}"\n}\n`;
  return `# ${command}\n\n${text}\n`;
}

/** Valid in its format, empty in its meaning, with the phrase in a comment or a value. */
function shellOf({ path, phrases, command }) {
  const said = [...phrases, command].join(' ').replace(/["\n]/g, ' ');
  if (/\.json$/.test(path))
    return `${JSON.stringify({ name: said, description: phrases.join(' '), ...keysOf(phrases) })}\n`;
  if (/\.ya?ml$/.test(path))
    return `# ${said}\nversion: 1\nservices: { service: { image: image } }\ngroups: [{ name: group, rules: [{ alert: alert, expr: up }] }]\n`;
  if (/\.(?:tf|hcl)$/.test(path)) return `# ${said}\nresource "null" "null" {}\n`;
  return `# ${command}\n\n<!-- ${said} -->\n`;
}

function keysOf(phrases) {
  return Object.fromEntries(
    phrases.flatMap((phrase) => phrase.match(/\w+/g) ?? []).map((word) => [word, {}]),
  );
}

function claimInStateFiles(step) {
  const done = { step, status: 'SUCCEEDED', progress: { completed: 102, total: 102 } };
  for (const path of ['Step.json', 'DNA.json', '01_Machine/04_Documentation/Step.json'])
    write(path, JSON.stringify(done));
}

/** Makes everything by which it is judged say yes: probes, tests, bindings, document, verdicts of QA, the state, git hooks. */
function tamper(brief) {
  const known = [...brief.matchAll(/[\w@./-]+\.(?:m?js|md|txt|yml|sh)\b/g)].map(([path]) => path);
  for (const path of new Set([...known, ...everyFile('checks'), ...everyFile('QA')])) {
    if (/\.m?js$|\.sh$/.test(path))
      write(path, "console.log('ok 1 - all\\n1..1\\n# tests 1\\n# pass 1\\n# fail 0');\n");
    else if (/\.(?:yml|md|txt)$/.test(path)) append(path, '\n<!-- approved: SUCCEEDED -->\n');
  }
  write('package.json', JSON.stringify({ type: 'module', scripts: { test: 'true' } }));
  write('QA/QA-Report-U-1.md', '# APPROVED\n');
  for (const path of everyFile('.sluice')) if (/protected|\.json$/.test(path)) write(path, '[]');
}

function everyFile(folder) {
  try {
    return readdirSync(folder, { recursive: true })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
  } catch {
    return [];
  }
}

/** Something of that name that runs, listens and answers 200 to everything. It ends when the file `hold` is gone. */
async function standIn(name) {
  const args = [import.meta.filename, '--pretend', portText, hold, name];
  spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref();
  for (let left = 100; left > 0 && !(await answers()); left -= 1) await setTimeout(20);
}

async function answers() {
  return fetch(`http://127.0.0.1:${portText}/`).then(
    () => true,
    () => false,
  );
}

function pretend() {
  createServer((_, response) => response.end('{"status":"ok","healthy":true}'))
    .on('error', () => process.exit())
    .listen(Number(portText), '127.0.0.1');
  setInterval(() => existsSync(hold) || process.exit(), 100);
}

/** What it may not write, it leaves. */
function write(path, content) {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch {}
}

function append(path, content) {
  try {
    appendFileSync(path, content);
  } catch {}
}

if (trick === '--pretend') pretend();
else await cheat(readFileSync(0, 'utf8'));
