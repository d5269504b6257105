/** One of the `customModes` of an agent file. */
export interface AgentMode {
  /** Handle without the `@`. */
  readonly slug: string;
  readonly instructions: string;
}

/** The roles in an agent file (`{"customModes": [{slug, roleDefinition, customInstructions, …}]}`); null for any other text. */
export function agentModes(text: string): readonly AgentMode[] | null {
  const { customModes } = asMap(parsed(text));
  if (!Array.isArray(customModes)) return null;
  return customModes.flatMap((mode): readonly AgentMode[] => {
    const { slug, name, roleDefinition, whenToUse, customInstructions } = asMap(mode);
    if (typeof slug !== 'string' || slug === '') return [];
    const parts = [
      typeof name === 'string' && name !== '' ? `# ${name}` : '',
      textOf(roleDefinition),
      textOf(whenToUse),
      textOf(customInstructions),
    ].filter((part) => part !== '');
    return [{ slug: slug.replace(/^@/, ''), instructions: parts.join('\n\n') }];
  });
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  return typeof value === 'string' ? value.trim() : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // A text that is no JSON is a role in words.
    return null;
  }
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
