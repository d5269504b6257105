const longest = 60;

/** The name under which the calls of a client are recorded: what it calls itself in the handshake, in safe characters. */
export function clientName(client: { readonly name: string } | undefined): string {
  const safe = (client?.name ?? '').trim().replace(/[^\w.@/+-]+/g, '-');
  return safe.slice(0, longest) || 'unknown';
}

/** As `by` of words in a run. Nobody but a client of this door has a name with this prefix. */
export function actorOf(client: string): string {
  return `mcp:${client}`;
}
