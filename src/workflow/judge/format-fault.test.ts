import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatFault } from './format-fault.ts';

const terraform = `# one server
terraform {
  required_version = ">= 1.5"
}

variable "region" { default = "eu-west-1" }

resource "aws_instance" "web" {
  ami       = lookup(var.images, "web-\${var.region == "x" ? "{" : "}"}", null)
  tags      = { Name = "web \\"one\\" $\${literal" }
  user_data = <<-EOT
    echo "}"
  EOT
}
/* the end } */
`;

const alerts = `groups:
  - name: shop
    rules:
      - alert: TooManyErrors
        expr: rate(errors_total[5m]) > 0.05
        for: 2m
`;

const good: readonly (readonly [path: string, content: string])[] = [
  ['plan.json', '{"a": [1, 2]}'],
  ['plan.json', '\uFEFF[1]'],
  ['build-config.yml', 'stages:\n  - build\n'],
  ['deploy.yaml', 'kind: Service\n---\nkind: Deployment\n'],
  ['docker-compose.yml', 'services:\n  web: { image: "shop:1" }\n  db: { build: ./db }\n'],
  ['compose.override.yaml', 'services: { web: { build: { context: . } } }'],
  ['ops/main.tf', terraform],
  ['prod.tfvars', 'region = "eu"\nzones = [\n  "a",\n  "b",\n]\n'],
  ['alert-rules.yml', alerts],
  ['shop.rules.yml', alerts],
  ['notes.md', 'anything'],
];

const bad: readonly (readonly [path: string, content: string, fault: RegExp])[] = [
  ['plan.json', '{"a": [1, 2}', /no JSON/],
  ['plan.json', '"stages workflows"', /single value/],
  ['build-config.yml', 'environments staging production', /keys or a list/],
  ['build-config.yml', 'a: [1', /no YAML/],
  ['build-config.yml', '', /keys or a list/],
  ['docker-compose.yml', 'web: { image: shop }', /no services/],
  ['docker-compose.yml', 'services: { web: { ports: ["80:80"] } }', /"web" has neither/],
  ['main.tf', 'resource provider variable', /neither a block/],
  ['main.tf', 'resource "a" "b" {', /} is missing/],
  ['main.tf', '}', /closes nothing/],
  ['main.tf', 'a = "open', /does not end/],
  ['main.tf', 'a = <<EOT\nno end', /here-document EOT/],
  ['main.tf', '# resource provider variable', /no block/],
  ['alert-rules.yml', 'alert: rules', /no groups/],
  ['alert-rules.yml', 'groups: [{ name: a, rules: [{ alert: A }] }]', /no expr/],
  ['alert-rules.yml', 'groups: [{ name: a, rules: [{ record: a, expr: b }] }]', /none of its rules/],
];

describe('the format that the name of a file promises', () => {
  it('is seen in real files', () => {
    for (const [path, content] of good) assert.equal(formatFault(content, path), null, `${path}: ${content}`);
  });

  it('is missed in files that only bear the name', () => {
    for (const [path, content, fault] of bad)
      assert.match(formatFault(content, path) ?? 'nothing', fault, path);
  });

  it('is not met by a sentence alone, whatever it says', () => {
    const sentence = fc
      .array(fc.stringMatching(/^[a-z]{2,9}$/), { minLength: 2, maxLength: 12 })
      .map((words) => words.join(' '));
    const path = fc.constantFrom('a.json', 'a.yml', 'compose.yml', 'main.tf', 'alert-rules.yml');
    fc.assert(fc.property(sentence, path, (text, name) => assert.notEqual(formatFault(text, name), null)));
  });

  it('holds for whatever is written as JSON, and breaks with its last bracket', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const text = JSON.stringify(value);
        assert.equal(formatFault(text, 'a.json'), null);
        assert.notEqual(formatFault(text.slice(0, -1), 'a.json'), null);
      }),
    );
  });

  it('is asked of any bytes without a throw', () => {
    const path = fc.constantFrom('a.json', 'a.yml', 'compose.yml', 'main.tf', 'alert-rules.yml', 'a');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), path, (text, name) => void formatFault(text, name)));
    const hcl = fc
      .array(fc.constantFrom('{', '}', '"', '${', '<<A\n', 'A\n', '#', '/*', 'a', ' ', '\n', '='))
      .map((parts) => parts.join(''));
    fc.assert(fc.property(hcl, (text) => void formatFault(text, 'main.tf')));
  });
});
