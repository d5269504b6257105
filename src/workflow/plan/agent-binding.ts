import type { Cursor } from '../../config/cursor.ts';
import type { AgentBinding } from './bindings.ts';
import type { AgentVia, ModelBinding } from './executor.ts';

/** One entry of `agents:`; a text alone names the person. */
export function readAgent(key: string, cursor: Cursor): AgentBinding {
  return {
    handle: key.replace(/^@?/, '@'),
    person: cursor.text() ?? cursor.key('person').text(),
    via: viaOf(cursor),
    notice: cursor.key('notice').text(),
    instructions: cursor.key('instructions').text(),
    unconfined: cursor.key('unconfined').flag(false),
    at: cursor.at,
  };
}

const ways = ['command', 'model', 'mcp'] as const;

function viaOf(cursor: Cursor): AgentVia | null {
  const given = ways.filter((key) => cursor.key(key).present);
  const [kind] = given;
  if (given.length > 1) {
    cursor.complain(
      'bindings-agent',
      `${cursor.path} has ${given.join(' and ')}.`,
      `Keep one of ${ways.join(', ')}.`,
    );
  }
  if (kind === undefined) return null;
  const value = cursor.key(kind);
  switch (kind) {
    case 'command':
      return { kind, ...commandOf(value) };
    case 'model':
      return { kind, model: modelOf(value) };
    case 'mcp':
      return { kind, client: value.text() ?? '' };
  }
}

function commandOf(cursor: Cursor): NonNullable<ModelBinding['webSearch']> {
  return { run: cursor.text() ?? cursor.key('run').text() ?? '', env: cursor.key('env').textMap() };
}

function modelOf(cursor: Cursor): ModelBinding {
  const price = cursor.key('price');
  const search = cursor.key('webSearch');
  const ceiling = (key: string): number | null => {
    const value = cursor.key(key);
    if (value.present && !price.present) {
      value.complain(
        'bindings-price',
        `${key} is no ceiling while the price is not known.`,
        'Add `price: { input, output }`, in US dollars per million tokens.',
      );
    }
    return value.present ? value.number(0) : null;
  };
  return {
    protocol: cursor.key('protocol').choice(['openai', 'anthropic'], 'openai'),
    name: cursor.key('name').text() ?? '',
    url: (cursor.key('url').text() ?? '').replace(/\/+$/, ''),
    keyEnv: cursor.key('keyEnv').text(),
    ...(search.present && { webSearch: commandOf(search) }),
    maxTokensPerStep: cursor.key('maxTokensPerStep').number(200_000),
    maxTokensPerRun: cursor.key('maxTokensPerRun').number(2_000_000),
    price: price.present
      ? { input: price.key('input').number(0), output: price.key('output').number(0) }
      : null,
    maxCostPerStep: ceiling('maxCostPerStep'),
    maxCostPerRun: ceiling('maxCostPerRun'),
  };
}
