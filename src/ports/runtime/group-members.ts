import { livingMembersOf, type ProcessFacts, readFamily } from './process-table.ts';

/** Every so many looks, all processes of the machine are looked at. */
const wholeEvery = 15;

/**
 * The living processes of some groups, looked at again and again. Most looks follow the children of what is known, which costs
 * as much as the groups are large; whoever lost its parent, or was begun by another thread than the first of its parent, is
 * found at the next look at all processes.
 */
export class GroupMembers {
  readonly #known = new Map<number, readonly number[]>();
  #looks = 0;

  async look(groups: readonly number[]): Promise<ReadonlyMap<number, readonly ProcessFacts[]>> {
    this.#looks += 1;
    const whole = this.#looks % wholeEvery === 1;
    const families = whole ? null : await Promise.all(groups.map((group) => this.#family(group)));
    const found =
      families === null || families.includes(null)
        ? await livingMembersOf(groups)
        : new Map(groups.map((group, index) => [group, families[index] ?? []]));
    this.#known.clear();
    for (const [group, members] of found)
      this.#known.set(
        group,
        members.map(({ pid }) => pid),
      );
    return found;
  }

  /** Null where the system does not tell of children. */
  async #family(group: number): Promise<readonly ProcessFacts[] | null> {
    return readFamily([group, ...(this.#known.get(group) ?? [])], group);
  }
}
