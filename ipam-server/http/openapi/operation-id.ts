/**
 * What generated clients call an operation: `putZone`, `listZones`, `getSubnetUsage`, `conflictAddress`.
 *
 * @param isList whether it answers page by page
 */
export function operationIdOf(method: string, path: string, isList: boolean): string {
  const [plain = '', verb] = path.split(/(?<=[a-z}]):(?=[a-z]+$)/i);
  const segments = plain.split('/').filter((segment) => segment !== '' && segment !== 'v1');
  const isParameter = (segment: string | undefined) => segment?.startsWith('{') === true;
  const isMade = method === 'POST' && verb === undefined;
  const words = segments.flatMap((segment, index) => {
    if (isParameter(segment)) {
      return [];
    }
    const isOne = isParameter(segments[index + 1]) || (isMade && index === segments.length - 1);
    return [wordOf(isOne ? singular(segment) : segment)];
  });
  return `${verb ?? actionOf(method, isList)}${words.join('') || 'Page'}`;
}

function actionOf(method: string, isList: boolean): string {
  if (method === 'POST') {
    return 'make';
  }
  return isList ? 'list' : method.toLowerCase();
}

function singular(word: string): string {
  return word.replace(/(?<=ss)es$|(?<!s)s$/, '');
}

/** `openapi.json` as `OpenapiJson`. */
function wordOf(segment: string): string {
  return segment.replace(/(?:^|[^a-z0-9])([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}
