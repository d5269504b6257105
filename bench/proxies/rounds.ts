/**
 * Asks proxies by turns, round after round, and keeps what came of each. Each round runs the other way, so that nobody always
 * comes after the same one. `askedIn`: who takes part in a round.
 */
export async function playRounds<Proxy extends object, Seen>(
  rounds: number,
  askedIn: (round: number) => readonly Proxy[],
  ask: (proxy: Proxy) => Promise<Seen>,
): Promise<ReadonlyMap<Proxy, readonly Seen[]>> {
  const seen = new Map<Proxy, Seen[]>();
  for (let round = 0; round < rounds; round += 1) {
    const asked = askedIn(round);
    for (const proxy of round % 2 === 0 ? asked : asked.toReversed()) {
      const before = seen.get(proxy) ?? [];
      before.push(await ask(proxy));
      seen.set(proxy, before);
    }
  }
  return seen;
}
