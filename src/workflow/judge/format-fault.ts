import { parseDocument } from 'yaml';
import { terraformFault } from './terraform-fault.ts';

/**
 * Why a content is not what the name of its file promises, for people; null when it is, or when the name promises nothing. Known
 * are JSON, YAML, compose files, Terraform and HCL, and alert rules of Prometheus.
 */
export function formatFault(content: string, path: string): string | null {
  const name = path.split('/').at(-1)?.toLowerCase() ?? '';
  if (name.endsWith('.json')) return jsonFault(content);
  if (/\.(?:tf|tfvars|hcl)$/.test(name)) return terraformFault(content);
  if (!/\.ya?ml$/.test(name)) return null;
  const read = readYaml(content);
  if ('fault' in read) return read.fault;
  if (isComposeName(name)) return composeFault(read.value);
  if (isAlertName(name)) return alertFault(read.value);
  return null;
}

function jsonFault(content: string): string | null {
  try {
    // A byte order mark is no part of JSON, but editors write one.
    const value: unknown = JSON.parse(content.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? null : 'it is a single value, no JSON document';
  } catch (error) {
    return `it is no JSON: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`;
  }
}

type Read = { readonly value: unknown } | { readonly fault: string };

/** A lone text is YAML too, but no document of it. */
function readYaml(content: string): Read {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const document = parseDocument(content, { prettyErrors: false, logLevel: 'silent' });
    // A file may hold several documents, as those of Kubernetes do; the first one is looked at.
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    if (error !== undefined) return { fault: `it is no YAML: ${error.message.split('\n')[0]}` };
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) return { value };
    return { fault: 'it is no YAML with keys or a list' };
  } catch (error) {
    return { fault: `it is no YAML: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function isComposeName(name: string): boolean {
  return /^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(name);
}

function composeFault(value: unknown): string | null {
  const { services } = asMap(value);
  const entries = Object.entries(asMap(services));
  if (entries.length === 0) return 'it has no services, as a compose file has';
  // `extends` takes the image from elsewhere, `provider` needs none.
  const sources = ['image', 'build', 'extends', 'provider'];
  const bare = entries.find(([, service]) => !sources.some((key) => present(asMap(service)[key])));
  return bare === undefined ? null : `its service "${bare[0]}" has neither image nor build`;
}

function isAlertName(name: string): boolean {
  return /^(?:.*[._-])?(?:alert(?:s|ing)?[._-]?rules?|prometheus[._-]rules?)(?:[._-].*)?\.ya?ml$|\.rules\.ya?ml$/.test(
    name,
  );
}

function alertFault(value: unknown): string | null {
  // The operator for Kubernetes wraps the same groups.
  const root = asMap(value);
  const groups = root.kind === 'PrometheusRule' ? asMap(root.spec).groups : root.groups;
  if (!Array.isArray(groups) || groups.length === 0) return 'it has no groups, as alert rules have';
  let alerts = 0;
  for (const group of groups) {
    const { name, rules } = asMap(group);
    if (!isText(name)) return 'one of its groups has no name';
    if (!Array.isArray(rules) || rules.length === 0) return `its group "${name}" has no rules`;
    for (const rule of rules) {
      const { alert, record, expr } = asMap(rule);
      if (!isText(alert) && !isText(record)) return `a rule of its group "${name}" has no alert`;
      if (!isText(expr) && typeof expr !== 'number')
        return `the rule "${String(alert ?? record)}" has no expr`;
      if (isText(alert)) alerts += 1;
    }
  }
  return alerts === 0 ? 'none of its rules is an alert' : null;
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function present(value: unknown): boolean {
  return isText(value) || (typeof value === 'object' && value !== null && Object.keys(value).length > 0);
}
