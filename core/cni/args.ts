import { Problem } from '../problem/problem.ts';

/** What CNI_ARGS may say to us; the runtime's order is random. */
const known = [
  'IP',
  'MAC',
  'K8S_POD_NAMESPACE',
  'K8S_POD_NAME',
  'K8S_POD_UID',
  'K8S_POD_INFRA_CONTAINER_ID',
] as const;

export type CniArgs = Readonly<Partial<Record<(typeof known)[number], string>>>;

function isKnown(key: string): key is (typeof known)[number] {
  return (known as readonly string[]).includes(key);
}

/**
 * CNI_ARGS, `K=V;K=V` in any order. All pairs are read before IgnoreUnknown counts.
 *
 * @throws Problem INVALID_ENVIRONMENT for a pair without `=`, and for unknown keys without IgnoreUnknown.
 */
export function parseArgs(text: string): CniArgs {
  const args: Partial<Record<string, string>> = {};
  const unknown: string[] = [];
  let ignoreUnknown = false;
  for (const pair of text.split(';').filter((each) => each !== '')) {
    const equals = pair.indexOf('=');
    if (equals < 1) {
      throw new Problem('INVALID_ENVIRONMENT', `CNI_ARGS holds "${pair}", which is no KEY=VALUE`);
    }
    const [key, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (key === 'IgnoreUnknown') {
      ignoreUnknown = readBoolean(value);
    } else if (isKnown(key)) {
      args[key] = value;
    } else {
      unknown.push(key);
    }
  }
  if (unknown.length > 0 && !ignoreUnknown) {
    throw new Problem(
      'INVALID_ENVIRONMENT',
      `CNI_ARGS holds keys that mean nothing here: ${unknown.join(', ')}`,
    );
  }
  return args;
}

function readBoolean(value: string): boolean {
  switch (value.toLowerCase()) {
    case '1':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
    default:
      throw new Problem(
        'INVALID_ENVIRONMENT',
        `CNI_ARGS says IgnoreUnknown=${value}; it takes true or false`,
      );
  }
}
