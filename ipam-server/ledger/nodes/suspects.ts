import type { HeldAttachment } from '../../../schema/node-sync.ts';
import { endOf } from '../allocation/release.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { type AgentRecord, type AllocationRecord, attachmentName } from '../state/record.ts';
import { agentOf, heldAttachment } from './agent.ts';

export type Suspect = AgentRecord['suspects'][number];

/** Milliseconds between two reports that count as two: a report that is sent again is one. */
const apart = 5_000;

/** Milliseconds that an allocation has to become visible on its node, where the report does not say what it knew. */
const young = 5_000;

/** A report as far as it concerns what is missing in it. */
export interface Absence {
  readonly node: string;
  /** The names of the attachments that it shows. */
  readonly shown: ReadonlySet<string>;
  /** Milliseconds since 1970: the report does not know of later allocations. */
  readonly asOf: number | undefined;
}

/** What follows from an allocation's absence in a report. */
export interface Verdict {
  /** Missing now, or before in a report that is not contradicted yet. */
  readonly suspects: readonly Suspect[];
  /** Missing in two reports, and the same all the while. */
  readonly gone: readonly AllocationRecord[];
}

/** The allocations of the node that the report lacks; which of them it lacks for the second time. */
export function missing(ledger: Ledger, { node, shown, asOf }: Absence, now: number): Verdict {
  const earlier = new Map(agentOf(ledger, node).suspects.map((suspect) => [suspect.name, suspect]));
  const suspects: Suspect[] = [];
  const gone: AllocationRecord[] = [];
  for (const record of ledger.holders.ofNode(node)) {
    const name = attachmentName(record);
    if (shown.has(name)) {
      continue;
    }
    const known = earlier.get(name);
    const before = known?.generation === record.generation ? known : undefined;
    const couldShow = asOf === undefined ? record.at + young <= now : record.at < asOf;
    if (before === undefined) {
      suspects.push(...(couldShow ? [{ name, generation: record.generation, at: now }] : []));
    } else if (before.at + apart <= now && (asOf === undefined || asOf >= before.at)) {
      gone.push(record);
    } else {
      suspects.push(before);
    }
  }
  return { suspects, gone };
}

/** Ends an allocation that its node has not shown twice. */
export function takeBack(ledger: Ledger, record: AllocationRecord, now: number): Decision<undefined> {
  const why = `node ${record.node} has not shown it twice`;
  return { writes: endOf(ledger, record, now), answer: undefined, why };
}

/** Suspects as nodes and admins are told of them. */
export function heldSuspects(ledger: Ledger, suspects: readonly Suspect[]): HeldAttachment[] {
  return suspects.flatMap(({ name, generation }) => {
    const record = ledger.holders.ofAttachment(name);
    return record?.generation === generation ? [heldAttachment(record)] : [];
  });
}
