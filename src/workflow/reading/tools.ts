import { unwrapped } from './label.ts';

/** Ways to work that need no permission. */
const thinking =
  /^(?:cognitive ?processing|cognition|reasoning|thinking|internal ?processing|analysis|manual|none|n\/?a|-)$/i;
const shape = /^[A-Za-z][A-Za-z\d]*(?:[-_.][A-Za-z\d]+)*$/;

/** The tools that a `Tool:` field names. */
export function readTools(value: string): readonly string[] {
  const text = value.replace(/\([^()]{0,500}\)?/g, ' ').trim();
  const coded = [...text.matchAll(/`([^`]{1,100})`/g)].map(([, name = '']) => name.trim());
  return (coded.length > 0 ? coded : words(text)).filter((word) => shape.test(word) && !thinking.test(word));
}

function words(text: string): readonly string[] {
  return text
    .split(/\s*(?:,|;|\/|\+|&|\band\b|\bor\b)\s*/)
    .map((word) => unwrapped(word).replace(/^["'`]+|["'`.]+$/g, ''))
    .filter((word) => word !== '');
}

export interface ToolsAtEnd {
  readonly text: string;
  readonly tools: readonly string[];
}

/** `Write the plan (edit_file)`, `… (Tool: edit_file)`, `… (web_search, CognitiveProcessing)`. Other parentheses are text. */
export function toolsAtEnd(text: string, listed: readonly string[]): ToolsAtEnd {
  const match =
    /^(.*\S)\s*[([]\s*(?:(?:using |via )?(mcp )?(tools?)(?:\(s\))?\s*[:：]\s*)?([^()[\]]{1,300})[)\]]\s*[.]?$/is.exec(
      text,
    );
  if (match === null) return toolsBehindDash(text, listed);
  const names = words(match[4] ?? '');
  const certain = match[3] !== undefined;
  const all = names.every(
    (name) =>
      thinking.test(name) || listed.includes(name) || (shape.test(name) && (certain || isToolName(name))),
  );
  if (!all || names.length === 0) return { text, tools: [] };
  return { text: match[1] ?? '', tools: names.filter((name) => !thinking.test(name)) };
}

/** `Write the plan — edit_file`. */
function toolsBehindDash(text: string, listed: readonly string[]): ToolsAtEnd {
  const [, before = '', end = ''] =
    /^(.*\S)\s+(?:—|–|-|→|\|)\s+([\w`,-]{3,200}(?:\s[\w`,-]{3,60}){0,5})\s*\.?$/s.exec(text) ?? [];
  const names = end === '' ? [] : words(end);
  const all = names.length > 0 && names.every((name) => listed.includes(name) || isToolName(name));
  return all ? { text: before, tools: names } : { text, tools: [] };
}

/** Words joined by underscores, as all tools in these documents are called. */
export function isToolName(name: string): boolean {
  return /^[a-z][a-zA-Z\d]*(?:[_][a-zA-Z\d-]+)+$/.test(name) || /^mcp[_-]/.test(name);
}
