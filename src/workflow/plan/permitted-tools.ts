/** What everybody may do: look. */
const reading = ['file_search', 'codebase_search', 'list_dir'] as const;

/**
 * The whole permission of a step: what its own line and the list of its document name together, and reading. A document without a
 * list gives reading and editing only. What the bindings file grants comes on top.
 */
export function permittedTools(
  step: readonly string[],
  document: readonly string[],
  granted: readonly string[],
): readonly string[] {
  const named = document.length === 0 ? ['edit_file'] : step.filter((tool) => document.includes(tool));
  return [...new Set([...reading, ...named, ...granted])];
}
