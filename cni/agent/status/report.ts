import { columns } from '../../../core/columns.ts';
import type { AgentStatus } from '../state/agent-status.ts';

/** What `GET /v1/agent/status` and `realip agent status -o json` say. */
export interface AgentReport {
  readonly node: string;
  readonly reserve: readonly {
    readonly address: string;
    readonly subnet: string;
    readonly state: string;
    readonly probedAt?: string;
  }[];
  /** Beginnings and ends that the server is yet to be told of. */
  readonly journal: number;
  readonly attachments: number;
  readonly lastSync?: string;
  readonly conflicts: readonly object[];
  /** What is wrong on the node and waits for an admin, in sentences. */
  readonly faults: readonly string[];
  readonly server: 'up' | 'away';
  /** Why it is away. */
  readonly why?: string;
  /** What the interface that pods share lacks; absent when nothing does. */
  readonly waitsFor?: string;
}

export function reportOf(
  { node, reserve, attachments, untold, lastSync, conflicts }: AgentStatus,
  journalled: number,
  server: { readonly isUp: boolean; readonly whyAway: string },
  { faults, waitsFor }: { readonly faults: readonly string[]; readonly waitsFor: string | undefined },
): AgentReport {
  return {
    node,
    reserve,
    journal: Math.max(untold, journalled),
    attachments,
    ...(lastSync === undefined ? {} : { lastSync }),
    conflicts,
    faults,
    server: server.isUp ? 'up' : 'away',
    ...(server.isUp ? {} : { why: server.whyAway }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}

/** The same for people: in the words of the JSON. */
export function tableOf(report: AgentReport): string {
  const { node, journal, attachments, lastSync = 'never', conflicts, faults, server, why, waitsFor } = report;
  const facts: [string, string][] = [
    ['node', node],
    ['server', why === undefined ? server : `${server}: ${why}`],
    ...(waitsFor === undefined ? [] : [['waitsFor', waitsFor] satisfies [string, string]]),
    ['lastSync', lastSync],
    ['attachments', String(attachments)],
    ['journal', String(journal)],
    ['conflicts', String(conflicts.length)],
    ['faults', String(faults.length)],
    ['reserve', String(report.reserve.length)],
  ];
  const reserve = report.reserve.map(({ address, subnet, state, probedAt = '-' }) => [
    address,
    subnet,
    state,
    probedAt,
  ]);
  const parts = [
    columns(facts),
    ...(reserve.length > 0 ? [columns([['address', 'subnet', 'state', 'probedAt'], ...reserve])] : []),
    ...(conflicts.length > 0 ? [conflicts.map((each) => Object.values(each).join('  ')).join('\n')] : []),
    ...(faults.length > 0 ? [faults.join('\n')] : []),
  ];
  return parts.join('\n\n');
}
