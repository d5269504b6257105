import type { CriterionKind } from './document.ts';
import { normalised } from './field-names.ts';

/** What a label says about how its criterion is judged; the first that fits counts. */
const byLabel: readonly (readonly [RegExp, CriterionKind])[] = [
  [/^(?:process )?(?:exit|return) (?:code|status|value)s?$|^exit$/, 'exit-code'],
  [/^internal ?state\b/, 'internal-state'],
  [
    /\b(?:director(?:y|ies)|folders?) (?:exists?|created|present|structure)\b|^director(?:y|ies)$|^folders?$/,
    'directory-exists',
  ],
  [
    /\bjson\b.*\b(?:valid|validat|schema|parse)|\bvalid json\b|\bschema (?:valid\w*|match\w*|conform\w*|check)\b|\bmatches schema\b|\bvalidates against\b|^(?:json )?schema$/,
    'json-valid',
  ],
  [
    /\b(?:files?|documents?|artifacts?) contents? (?:match\w*|contains?|includes?|check)\b|\b(?:files?|documents?) (?:contains?|includes?|match\w*|has)\b|^contents? (?:match\w*|contains?|includes?)\b|^contains? (?:text|pattern)\b|^(?:regex|pattern)(?: match\w*)?$/,
    'file-content',
  ],
  [
    /\b(?:files?|documents?|artifacts?|reports?|outputs?) (?:exists?|created|updated|present|generated|saved|written)\b|^(?:files?|files? existence)$/,
    'file-exists',
  ],
  [
    /\b(?:output|log|logs|stdout|stderr|console|terminal|response|message)s? (?:contains?|includes?|match\w*|shows?|prints?|says?)\b|^(?:output|stdout|stderr)$/,
    'output-contains',
  ],
  [
    /\b(?:http|https|api|endpoint|url|health ?check|get|post)\b.*\b(?:response|status|returns?|responds?|check|code|ok)\b|^(?:http|url|endpoint|health ?check|health endpoint)$|^(?:response|http) (?:code|status)$/,
    'http-response',
  ],
  [
    /\b(?:process|service|daemon|server|container)(?:es|s)? (?:is |are )?(?:running|started|up|active|alive)\b/,
    'process-running',
  ],
  [
    /\btests?\b(?: \w+)? (?:pass\w*|succe\w+|green|ok)\b|\btest suites?(?: pass\w*)?$|\ball tests\b|^(?:unit|integration|e2e|end to end|smoke|regression|acceptance|performance|security|load|api|ui)?\s?tests?$/,
    'tests-pass',
  ],
  [/\b(?:pass(?:es|ed)?|succeeds?|succeeded|success(?:ful)?|ok|green)$/, 'named-check'],
];

/** Labels that say only that a criterion follows; its words decide. */
const general =
  /^(?:success|success criteri(?:on|a)|criteri(?:on|a)|check|checks|verify|verification|validation|format validation|format|expected|result|condition|assert|must|success indicator|acceptance)$/;

const file = /[`"“]?(?:[\w@.$<>{}-]+\/)*[\w@.$<>{}-]*\.[A-Za-z][A-Za-z\d]{0,6}(?![\w.])/;

const byText: readonly (readonly [RegExp, CriterionKind])[] = [
  [/^internal ?state\b/i, 'internal-state'],
  [
    /^(?:exit|return) (?:code|status)\b|^(?:[`"]?[\w./ -]{1,80}[`"]? )?exits? (?:with )?(?:code |status )?(?:0|[1-9]\d{0,2}|non-?zero)[.]?$/i,
    'exit-code',
  ],
  [
    /\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?:https?:\/\/|\/)|\bHTTP(?:\/[\d.]+)? ?(?:status )?[1-5]\d\d\b|^[1-5]\d\d (?:OK|Created|No Content|Accepted)\b/,
    'http-response',
  ],
  [
    /\bvalid JSON\b|\b(?:matches|adheres to|conforms to|validates against|follows) (?:the |its )?(?:\w+ )?(?:JSON )?schema\b/i,
    'json-valid',
  ],
  [
    /^[\w.-]*[\w-]+-(?:tests?|test-suites?|specs?)(?: pass(?:es|ed)?)?[.]?$|^(?:all )?(?:[\w-]+ ){0,3}tests? (?:suites? )?(?:all )?(?:pass|passes|passed|succeed|succeeds)\b/i,
    'tests-pass',
  ],
  [
    /^(?:the )?[`"]?[\w.-]+[`"]?(?: service| process| server)? (?:is |are )?(?:running|up and running)\b/i,
    'process-running',
  ],
  [/^`[^`]*\btests?\b[^`]*` (?:pass|passes|passed|succeeds?)[.]?$/i, 'tests-pass'],
  [/^(?:[`"]?[\w.-]+[`"]?|`[^`]+`)(?: check)? (?:pass|passes|passed)[.]?$/i, 'named-check'],
  [
    /^["“„][^"”“]{1,300}["”“] (?:is |was |gets )?(?:printed|shown|displayed|logged|output)\b/i,
    'output-contains',
  ],
  [
    /^["“„`][^"”“`]{1,300}["”“`] (?:is |appears )?in (?:the )?(?:output|stdout|logs?|console)\b/i,
    'output-contains',
  ],
  [/^(?:output|stdout|log|console)s? (?:contains?|includes?|shows?|matches)\b/i, 'output-contains'],
  [/^(?:file )?contents? (?:match\w*|contains?|includes?)\b/i, 'file-content'],
  [
    /^(?:the )?(?:directory|folder) \S.{0,200} (?:exists?|is created|present)\b|^[`"]?[\w@./-]+\/[`"]?(?: (?:or|and) [`"]?[\w@./-]+\/[`"]?)*(?: (?:directory |folder )?(?:exists?|is created|present))?[.]?$/i,
    'directory-exists',
  ],
];

export interface JudgedBy {
  readonly kind: CriterionKind;
  /** False for a label that says how to judge in words that nobody here knows. */
  readonly understood: boolean;
}

/** How a criterion is judged: its label decides; where there is none, or one that says nothing, its words do. */
export function criterionKind(label: string, text: string): JudgedBy {
  const name = normalised(label.replace(/([a-z])([A-Z])/g, '$1 $2'));
  if (name !== '' && !general.test(name)) {
    for (const [pattern, kind] of byLabel)
      if (pattern.test(name)) return { kind: settled(kind, text), understood: true };
    const json = /\bvalid JSON\b/i.test(text.slice(0, 1000));
    return json ? { kind: 'json-valid', understood: true } : { kind: 'human', understood: false };
  }
  return { kind: kindOfText(text.slice(0, 1000)), understood: true };
}

/** `File Exists: scripts/` names a directory. */
function settled(kind: CriterionKind, text: string): CriterionKind {
  return kind === 'file-exists' && /^[`"]?[\w@./-]+\/[`"]?$/.test(text) ? 'directory-exists' : kind;
}

function kindOfText(text: string): CriterionKind {
  for (const [pattern, kind] of byText) if (pattern.test(text)) return kind;
  if (/^(?:["“„»'][^"“”„«»]{1,500}["”“«»']|`"[^`]{1,500}"`)(?: or (?:["“„].{1,200}["”“]))*$/.test(text))
    return 'output-contains';
  const words = text.split(/\s+/).length;
  if (file.test(text)) {
    if (/\b(?:contains?|includes?|matches)\b/i.test(text))
      return /\s\/\S.*\/[gimsuy]*\.?$/.test(text) || /[`"“„]/.test(text.replace(/`[^`]*\.[a-z]{1,5}`/gi, ''))
        ? 'file-content'
        : 'human';
    if (
      /\b(?:exists?|(?:is|are|been) (?:created|present|generated)|created|present)\b[^.]{0,40}\.?$/i.test(
        text,
      )
    )
      return 'file-exists';
    if (words <= 5 && /^(?:[`"]?[\w@./$<>{}-]*\.[A-Za-z][\w]{0,6}[`"]?)(?: (?:or|and) \S+)*\.?$/.test(text))
      return knownFile(text) ? 'file-exists' : 'human';
  }
  return 'human';
}

/** `scripts.dev` is a key, `main.tf` a file. */
function knownFile(text: string): boolean {
  return /(?:\.(?:md|mdx|txt|json|jsonl|ya?ml|toml|ini|cfg|conf|env|tf|tfvars|hcl|sh|ps1|bat|js|mjs|cjs|ts|tsx|jsx|py|rb|go|rs|java|kt|php|cs|c|h|cpp|html?|css|scss|sql|xml|csv|tsv|log|lock|pdf|png|svg|jpe?g|zip|gz|tar|jar|whl|prisma|proto|graphql|gradle|properties|service|pem|crt|ipynb|drawio|fig)|\.env\.\w+|\/[\w-]+\.\w+)(?![\w])/i.test(
    text,
  );
}
