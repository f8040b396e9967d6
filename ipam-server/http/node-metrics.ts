import type { Ledger } from '../ledger/state/ledger.ts';
import type { AgentRecord } from '../ledger/state/record.ts';
import { Exposition } from './exposition.ts';

/** Milliseconds without a sync after which a node counts as silent. */
const patience = 300_000;

/** Nodes, what their agents have told, and what a restored ledger waits for. */
export function nodeMetrics(ledger: Ledger, now: number): Exposition[] {
  const agents = new Map(ledger.claims.agents());
  const lengths = (listOf: (agent: AgentRecord) => readonly unknown[]) =>
    [...agents.values()].reduce((sum, agent) => sum + listOf(agent).length, 0);
  const single = (name: string, help: string, value: number | undefined) => {
    const metric = new Exposition(`realip_ipam_${name}`, 'gauge', help);
    if (value !== undefined) {
      metric.add({}, value);
    }
    return metric;
  };
  const { states, oldest } = tellNodes(ledger, agents, now);
  return [
    states,
    single(
      'oldest_sync_timestamp_seconds',
      'Of the nodes whose agent ever synced and that are not fenced: the longest past last sync.',
      oldest,
    ),
    single(
      'suspected_attachments',
      'Attachments that their node did not show at its last sync.',
      lengths(({ suspects }) => suspects),
    ),
    single(
      'revoked_attachments',
      'Attachments taken away from silent nodes that may still have them.',
      lengths(({ revoked }) => revoked),
    ),
    single(
      'epoch',
      'Which life of the ledger this is; a restored one begins a new one.',
      ledger.epoch?.value ?? 1,
    ),
    single(
      'epoch_waiting_nodes',
      'Nodes that must sync before the new epoch gives addresses.',
      ledger.epoch?.waitingFor.length ?? 0,
    ),
  ];
}

/** The nodes by state, and the longest past last sync in seconds since 1970. */
function tellNodes(ledger: Ledger, agents: ReadonlyMap<string, AgentRecord>, now: number) {
  const counts = { unsynced: 0, synced: 0, silent: 0, fenced: 0 };
  let oldest: number | undefined;
  for (const name of ledger.nodes.keys()) {
    const { syncedAt, fencedAt } = agents.get(name) ?? {};
    if (fencedAt !== undefined) {
      counts.fenced++;
    } else if (syncedAt === undefined) {
      counts.unsynced++;
    } else {
      counts[now - syncedAt > patience ? 'silent' : 'synced']++;
      oldest = Math.min(oldest ?? syncedAt, syncedAt);
    }
  }
  const states = new Exposition(
    'realip_ipam_nodes',
    'gauge',
    'Registered nodes, by what their agent has told.',
  );
  for (const [state, count] of Object.entries(counts)) {
    states.add({ state }, count);
  }
  return { states, oldest: oldest === undefined ? undefined : oldest / 1000 };
}
