/** Adds all of them, however many: a call with a spread argument ends with the stack. */
export function addAll<One>(list: One[], more: readonly One[]): void {
  for (const one of more) list.push(one);
}
