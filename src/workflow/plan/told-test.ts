import type { Look, Match } from '../../base/look.ts';
import type { CriterionTest } from './planned-criterion.ts';

/** How a criterion is judged, in words for people: `file a.md or b.md matches width.*depth`. */
export function toldTest(test: CriterionTest): string {
  switch (test.kind) {
    case 'exit-code':
      return test.codes.length > 10 ? 'exit code other than 0' : `exit code ${test.codes.join(' or ')}`;
    case 'output':
      return `output ${toldMatch(test.match)}`;
    case 'look':
      return toldLook(test.look);
    case 'capability':
      return `Sluice asks ${test.capability}`;
    case 'unbound':
      return `not judged yet, it lacks ${test.needs}`;
    case 'sign-off':
      return 'a person signs it';
  }
}

function toldLook(look: Look): string {
  switch (look.kind) {
    case 'file':
      return `file ${look.paths.join(' or ')}${look.match === null ? '' : ` ${toldMatch(look.match)}`}`;
    case 'directory':
      return `folder ${look.paths.join(' or ')}`;
    case 'json':
      return `JSON in ${look.paths.join(' or ')}${look.schema === null ? '' : ', by its schema'}`;
    case 'http': {
      const body = look.match === null ? '' : `, and ${toldMatch(look.match)}`;
      return `${look.method} ${look.url} answers ${look.status ?? 'below 400'}${body}`;
    }
    case 'process':
      return `process "${look.name}"${look.port === null ? '' : ` or port ${look.port}`}`;
    case 'command':
      return look.tests ? `tests of \`${look.run}\`` : `\`${look.run}\` ends with 0`;
  }
}

function toldMatch(match: Match): string {
  switch (match.kind) {
    case 'pattern':
      return `matches ${match.source}`;
    case 'literal':
      return `has ${match.any.map((text) => `"${text}"`).join(' or ')}`;
    case 'json':
      return `holds ${JSON.stringify(match.value)}`;
  }
}
