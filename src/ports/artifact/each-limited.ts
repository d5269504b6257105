/**
 * Runs `work` over all items, at most `limit` at a time. After the first failure no new item begins; what runs is awaited
 * before the failure is thrown, so that nobody cleans up under it.
 */
export async function eachLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  const pending = items.entries();
  const worker = async () => {
    for (const [index, item] of pending) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push({ index, error });
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  const first = failures.sort((a, b) => a.index - b.index)[0];
  if (first !== undefined) throw first.error;
  return results;
}
