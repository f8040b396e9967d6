/** A spec as Kubernetes' own report tells of it. */
export interface Case {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** Why it isn't passed, in the report's words; empty otherwise. */
  readonly why: string;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

// In values that Go's encoder writes neither `<` nor `"` stands by itself.
const testCase = /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/**
 * Reads the specs of a JUnit report of `e2e.test`, without what the suite does before and after them.
 *
 * @throws Error when it is cut off or no such report
 */
export function casesOf(report: string): Case[] {
  if (!report.includes('</testsuites>')) {
    throw new Error('the report is cut off, or none');
  }
  return [...report.matchAll(testCase)].flatMap(([, head = '', body = '']) => {
    const name = attribute(head, 'name');
    if (!name.startsWith('[It] ')) {
      return [];
    }
    const status = attribute(head, 'status');
    const state = status === 'passed' || status === 'skipped' ? status : 'failed';
    const [, fault = ''] = body.match(/<(?:failure|error|skipped) ([^>]*)>/) ?? [];
    const why = state === 'passed' ? '' : `${status}: ${attribute(fault, 'message')}`;
    return [{ name: name.slice('[It] '.length), state, seconds: Number(attribute(head, 'time')), why }];
  });
}

/** One report of many specs. */
export function junitOf(suite: string, cases: readonly Case[]): string {
  const count = (state: Case['state']) => cases.filter((each) => each.state === state).length;
  const time = cases.reduce((sum, { seconds }) => sum + seconds, 0);
  const counts = `tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}"`;
  const lines = cases.map(({ name, state, seconds, why }) => {
    const head = `<testcase name="${escaped(name)}" classname="${escaped(suite)}" status="${state}" time="${seconds}"`;
    if (state === 'passed') {
      return `${head}/>`;
    }
    const element = state === 'failed' ? 'failure' : 'skipped';
    return `${head}><${element} message="${escaped(why)}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `<testsuite name="${escaped(suite)}" ${counts} time="${time.toFixed(1)}">`,
    ...lines,
    '</testsuite>',
    '</testsuites>\n',
  ].join('\n');
}

function attribute(head: string, name: string): string {
  const [, value = ''] = head.match(new RegExp(`(?:^|\\s)${name}="([^"]*)"`)) ?? [];
  return value.replaceAll(/&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, word) => {
    if (word !== undefined) {
      return entities[word] ?? whole;
    }
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function escaped(text: string): string {
  // Control characters, colours of a terminal for one, can't stand in XML in any way.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
  return plain.replaceAll(/[<>&"\n\r\t]/g, (sign) => `&#${sign.codePointAt(0)};`);
}
