/** In the order of the list. */
export const groups = ['Begin', 'Deploy', 'Steer', 'Look', 'Workflows', 'Run', 'Shell'] as const;

/** What help says of a command beside its options: where it stands in the list, and how it is used. */
export interface Guidance {
  readonly group: (typeof groups)[number];
  readonly examples: readonly string[];
  /** Further sentences. */
  readonly more?: string;
}

/** By the command's words after `sluice`. */
export const guidance: Readonly<Record<string, Guidance>> = {
  init: {
    group: 'Begin',
    examples: ['sluice init', 'sluice init --dry-run'],
    more: 'It asks only for what it cannot see: how the service starts, and which path tells its health. Every key can be changed later.',
  },
  config: {
    group: 'Begin',
    examples: ['sluice config', 'sluice config --json | jq .config.environments'],
    more: 'With --json: {"ok":true,"config","origins","warnings"}, or {"ok":false,"error","problems"} and exit code 1; each problem has code, file, line, column, path, message and remedy.',
  },
  artifact: { group: 'Begin', examples: ['sluice artifact add dist --service web --unit U-42'] },
  'artifact add': {
    group: 'Begin',
    examples: [
      'sluice artifact add dist --service web --unit U-42',
      'sluice artifact add dist --service web --unit U-42 --as 1.4.0',
    ],
    more: 'It prints the digest that QA writes into QA/QA-Report-U-42.md. Adding the same content again gives the same digest.',
  },
  'artifact list': { group: 'Begin', examples: ['sluice artifact list'] },
  plan: {
    group: 'Deploy',
    examples: ['sluice plan web --to production --unit U-42'],
    more: 'Exit code 1 when a gate blocks.',
  },
  deploy: {
    group: 'Deploy',
    examples: [
      'sluice deploy web --to staging --unit U-42',
      'sluice deploy web --to production --unit U-42 --detach && sluice watch web',
    ],
    more: 'Exit code 1 when it did not succeed. Ctrl-C stops the watching, not the rollout: `sluice abort` takes it back.',
  },
  rollback: {
    group: 'Deploy',
    examples: ['sluice rollback web --to production', 'sluice rollback web 1.3.2 --to production --dry-run'],
    more: 'While a rollout is running, it is taken back. `sluice history` names the releases.',
  },
  approve: {
    group: 'Steer',
    examples: [
      'sluice approve web --to production',
      'sluice approve web --to production --role release-manager',
    ],
  },
  pause: { group: 'Steer', examples: ['sluice pause web --to production --reason "support is looking"'] },
  resume: { group: 'Steer', examples: ['sluice resume web --to production'] },
  promote: {
    group: 'Steer',
    examples: ['sluice promote web --to production --reason "campaign starts at noon"'],
  },
  abort: {
    group: 'Steer',
    examples: [
      'sluice abort web --to production --reason "wrong build"',
      'sluice abort web --to production --dry-run',
    ],
    more: 'Traffic goes back first; what is tidied up afterwards can take its time.',
  },
  signal: {
    group: 'Steer',
    examples: ['sluice signal web --to production --kind security --reason "CVE in the new parser"'],
  },
  incident: { group: 'Steer', examples: ['sluice incident list'] },
  'incident list': { group: 'Steer', examples: ['sluice incident list --json'] },
  'incident ack': { group: 'Steer', examples: ['sluice incident ack INC-R-1a2b3c'] },
  'incident resolve': {
    group: 'Steer',
    examples: ['sluice incident resolve INC-R-1a2b3c --reason "fixed in U-43"'],
  },
  status: { group: 'Look', examples: ['sluice status', 'sluice status web --to production --json'] },
  watch: { group: 'Look', examples: ['sluice watch', 'sluice watch web --to production'] },
  history: { group: 'Look', examples: ['sluice history', 'sluice history web --to production'] },
  report: {
    group: 'Look',
    examples: ['sluice report', 'sluice report --rollout U-42 > Deploy-U-42.md'],
    more: 'The same journal gives the same report, byte for byte.',
  },
  logs: { group: 'Look', examples: ['sluice logs web --to production'] },
  doctor: {
    group: 'Look',
    examples: ['sluice doctor', 'sluice doctor --json | jq ".checks[] | select(.status != \\"ok\\")"'],
    more: 'Exit code 1 when a check fails; a warning does not fail.',
  },
  journal: { group: 'Look', examples: ['sluice journal verify'] },
  'journal verify': {
    group: 'Look',
    examples: ['sluice journal verify'],
    more: 'Exit code 1 when it finds something.',
  },
  workflow: { group: 'Workflows', examples: ['sluice workflow check deploy.md'] },
  'workflow check': {
    group: 'Workflows',
    examples: [
      'sluice workflow check deploy.md',
      'sluice workflow check deploy.md --side ours --json',
      'sluice workflow check docs/*.md --bindings deploy.bindings.yml',
    ],
    more: 'Problems are told with their line and do not fail the command; exit code 1 when a file cannot be read.',
  },
  'workflow plan': {
    group: 'Workflows',
    examples: [
      'sluice workflow plan deploy.md --bindings deploy.bindings.yml',
      'sluice workflow plan one.md two.md --bindings b.yml --json | jq .plan.nodes',
    ],
    more: 'Nothing is done. Steps that nobody performs yet say what the bindings lack; exit code 1 when a file cannot be read or the bindings are wrong.',
  },
  'workflow run': {
    group: 'Workflows',
    examples: [
      'sluice workflow run deploy.md --bindings deploy.bindings.yml',
      'sluice workflow run deploy.md --bindings b.yml --from P05-T02-S01-03',
      'sluice workflow run deploy.md --bindings b.yml --only P05-T02-S01 --json',
    ],
    more: 'Exit code 0 when it succeeded, 1 when it failed or was cancelled, 3 when it waits for a person. It goes on after a kill of anything: `sluice workflow resume` follows it.',
  },
  'workflow resume': {
    group: 'Workflows',
    examples: ['sluice workflow resume', 'sluice workflow resume W-mg3k2f01 --detach'],
    more: 'Nothing that was verified is done again. Bindings and documents that were changed meanwhile are read again and told; documents that ask for other work are refused without --accept-changes. Exit codes are those of `workflow run`.',
  },
  'workflow status': {
    group: 'Workflows',
    examples: ['sluice workflow status', 'sluice workflow status --json | jq .waitsFor'],
  },
  'workflow list': { group: 'Workflows', examples: ['sluice workflow list'] },
  'workflow complete': {
    group: 'Workflows',
    examples: ['sluice workflow complete P05-T01-S01-02 --note "done by hand"'],
    more: 'That somebody says so is no evidence: the criteria are looked at, and exit code 1 says that they do not hold.',
  },
  'workflow accept': {
    group: 'Workflows',
    examples: [
      'sluice workflow accept P05-T01-S01-02 --reason "I read it"',
      'sluice workflow accept P05-T01-S01 --criterion 2 --reason "reviewed with ops"',
    ],
    more: 'The step succeeds, marked with who answered for it. Agents may not.',
  },
  'workflow block': {
    group: 'Workflows',
    examples: ['sluice workflow block P05-T01-S01-02 --reason "the host is down"'],
  },
  'workflow retry': {
    group: 'Workflows',
    examples: ['sluice workflow retry P05-T01-S01-02 --reason "the host is back"'],
    more: 'What was reverted with it is done again, too.',
  },
  'workflow skip': {
    group: 'Workflows',
    examples: ['sluice workflow skip P05-T01-S01-02 --reason "not needed here"'],
  },
  'workflow cancel': { group: 'Workflows', examples: ['sluice workflow cancel --reason "wrong document"'] },
  'workflow concern': {
    group: 'Workflows',
    examples: ['sluice workflow concern P05-T01-S01 --reason "keys in the log" --owner @security-lead'],
  },
  'workflow answer': {
    group: 'Workflows',
    examples: ['sluice workflow answer P05-T01-S01-C1 --reason "keys were rotated"'],
  },
  'workflow evidence': { group: 'Workflows', examples: ['sluice workflow evidence P05-T01-S01-02'] },
  'workflow export-state': {
    group: 'Workflows',
    examples: ['sluice workflow export-state --dry-run', 'sluice workflow export-state --tick'],
    more: 'A file that says done of what the journal does not is told as a contradiction, and put right.',
  },
  'workflow report': {
    group: 'Workflows',
    examples: ['sluice workflow report --out run.md', 'sluice workflow report --junit --out run.xml'],
  },
  mcp: {
    group: 'Workflows',
    examples: ['sluice mcp', 'sluice mcp --http --listen 127.0.0.1:7420', 'sluice mcp --http --json'],
    more: 'An agent program starts `sluice mcp` by itself, in the folder whose documents it may read. Over HTTP it needs the token of the file that is printed. It starts a controller when there is none; docs/mcp.md tells every tool.',
  },
  serve: {
    group: 'Run',
    examples: ['sluice serve', 'sluice serve --install', 'sluice serve --install --system --dry-run'],
    more: 'Ctrl-C or SIGTERM ends the controller alone: router and instances go on, and the next controller takes them over.',
  },
  router: {
    group: 'Run',
    examples: ['sluice router', 'sluice router --upgrade', 'sluice router --upgrade --dry-run --json'],
  },
  down: {
    group: 'Run',
    examples: ['sluice down', 'sluice down --dry-run'],
    more: 'It ends what hangs, too, and works without sluice.yml. The journal stays: what was stable comes back with the next controller.',
  },
  completion: {
    group: 'Shell',
    examples: [
      'source <(sluice completion bash)',
      'sluice completion zsh > ~/.zfunc/_sluice',
      'sluice completion fish > ~/.config/fish/completions/sluice.fish',
    ],
  },
};

/** What `sluice` ends with, whichever command it was. */
export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done; for deploy and rollback: the rollout succeeded'],
  [1, 'not done: refused, failed, aborted or rolled back, a check that fails, or an error'],
  [2, 'the command line was not understood; nothing was done'],
  [3, 'of workflow runs: it waits for a person'],
  [130, 'interrupted with Ctrl-C; a rollout goes on in the controller'],
];
