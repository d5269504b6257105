import { RouteStore } from '../router/route-store.ts';

/**
 * The highest fence that the router has seen, 0: none. A journal restored from a backup has forgotten the fences that
 * were given since; under one of them again, what a controller sends would be refused as old.
 */
export async function fenceInForce(stateDir: string): Promise<number> {
  // The router itself refuses to start on tables that cannot be read, and says why.
  const tables = await new RouteStore(stateDir).load().catch(() => []);
  return Math.max(0, ...tables.map(({ fence }) => fence));
}
