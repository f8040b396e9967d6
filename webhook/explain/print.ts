import { objectName } from './kube-object.ts';
import type { ObjectReport, Report } from './report.ts';
import type { Step } from './steps.ts';
import { exemptionWords } from './words.ts';

/** How to mark what is good, bad and aside; plain text where nobody sees colours. */
export interface Ink {
  good(text: string): string;
  bad(text: string): string;
  aside(text: string): string;
}

const mutatingWebhook = 'placement.realip.io';
const validatingWebhook = 'annotations.realip.io';

/** The report for people. */
export function printReport({ items, passedBy }: Report, ink: Ink): string {
  const blocks = items.map((item) => `${printItem(item, ink).join('\n')}\n`);
  const rest = passedBy.length === 0 ? [] : [ink.aside(`no pods come from: ${passedBy.join(', ')}\n`)];
  return [...blocks, ...rest].join('\n');
}

function printItem(item: ObjectReport, ink: Ink): string[] {
  return [
    `${objectName(item.object)}: ${headline(item, ink)}`,
    ...item.steps.map((step) => `  ${printStep(step, ink)}`),
    ...denial(item, ink),
    ...patch(item, ink),
  ];
}

function headline({ outcome, zone, exemption }: ObjectReport, ink: Ink): string {
  switch (outcome) {
    case 'placed':
      return ink.good(
        zone === 'none' ? 'left where its author puts it (zone none)' : `placed in zone ${zone}`,
      );
    case 'exempt':
      return `never touched: ${exemption === undefined ? '' : exemptionWords[exemption]}`;
    case 'denied':
      return ink.bad('denied');
    case 'not-a-new-pod':
      return 'allowed as it is: it is not about a new pod';
  }
}

/** A step in one line. */
export function printStep({ asked, rule, decides, text }: Step, ink: Ink): string {
  const who = asked === 'rule' ? `rule ${rule}` : asked;
  const line = `${decides ? '✔' : '·'} ${who}: ${text}`;
  return decides ? line : ink.aside(line);
}

function denial({ denial: why, object }: ObjectReport, ink: Ink): string[] {
  if (why === undefined) {
    return [];
  }
  const webhook = why.by === '/mutate' ? mutatingWebhook : validatingWebhook;
  const where =
    object.kind === 'Pod' ? 'The user reads:' : `Its controller reads, and tells as an event (FailedCreate):`;
  return [
    `  ${where}`,
    `    ${ink.bad(`admission webhook "${webhook}" denied the request: ${why.message}`)}`,
  ];
}

function patch({ outcome, diff }: ObjectReport, ink: Ink): string[] {
  if (outcome !== 'placed') {
    return [];
  }
  if (diff.length === 0) {
    return ['  The pod is placed already; nothing is changed.'];
  }
  return [
    '  The pod is changed:',
    ...diff.flatMap(({ path, lines }) => [
      // The pod itself has no path.
      ...(path === '' ? [] : [`    ${path}`]),
      ...lines.map((line) => `    ${line.startsWith('+') ? ink.good(line) : ink.bad(line)}`),
    ]),
  ];
}
