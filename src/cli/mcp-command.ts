import { type Command, Option } from 'commander';

interface McpOptions {
  readonly config?: string;
  readonly http?: boolean;
  readonly listen?: string;
  readonly json?: boolean;
}

/** The door for AI agents. The SDK of the protocol is loaded when it opens: no other command needs it. */
export function mcpCommand(program: Command): void {
  program
    .command('mcp')
    .description('serve AI agents over the Model Context Protocol: workflows and releases as tools')
    .option('--http', 'over streamable HTTP instead of standard input and output')
    .addOption(
      new Option(
        '--listen <address>',
        '--http at this loopback address and port; default 127.0.0.1:0, any free port',
      ).implies({ http: true }),
    )
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'with --http: print the address as one line of JSON')
    .action(async (options: McpOptions) => {
      if (options.http) return serveOverHttp(options);
      const { serveStdio } = await import('../mcp/serve-stdio.ts');
      const { parts } = await opened(options);
      await serveStdio(parts, { input: process.stdin, output: process.stdout });
    });
}

async function serveOverHttp(options: McpOptions): Promise<void> {
  const [{ outputOf }, { openAccessToken }, { parseListenAddress }, { serveHttp }] = await Promise.all([
    import('./output.ts'),
    import('../mcp/access-token.ts'),
    import('../mcp/listen-address.ts'),
    import('../mcp/serve-http.ts'),
  ]);
  const listen = parseListenAddress(options.listen ?? '127.0.0.1:0');
  const { parts, place } = await opened(options);
  const { file, token } = await openAccessToken(place.stateDir);
  const door = await serveHttp(parts, { listen, token });
  const text = `Agents come in at ${door.url}\n  → Authorization: Bearer and the content of ${file}`;
  outputOf(options).answer({ url: door.url, tokenFile: file }, text);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve);
  });
  await door.close();
}

async function opened({ config }: McpOptions) {
  const [{ openParts }, { prepareState }, { workPlace }] = await Promise.all([
    import('../mcp/open-parts.ts'),
    import('../daemon/project-place.ts'),
    import('../daemon/work-place.ts'),
  ]);
  const place = workPlace(process.cwd(), config === undefined ? {} : { file: config });
  await prepareState(place);
  return { parts: openParts(place, process.cwd()), place };
}
