import { Counter, Gauge, Registry } from 'prom-client';
import type { Notes } from '../repair/notes.ts';
import type { Counts } from '../socket/attachments.ts';
import type { AgentStatus } from '../state/agent-status.ts';

/** What is read when somebody asks for the metrics. */
export interface Measured {
  readonly status: () => AgentStatus;
  readonly journalled: () => number;
  readonly counts: () => Counts;
  readonly isServerUp: () => boolean;
  readonly notes: Pick<Notes, 'repairs' | 'faults'>;
  readonly now: () => number;
}

const states = ['probing', 'ready', 'conflict'] as const;

/** The agent's metrics, `realip_agent_…`; no label per pod or address. */
export class Metrics {
  readonly registry = new Registry();
  readonly conflicts: Counter<'what'>;

  constructor(measured: Measured) {
    const registers = [this.registry];
    this.conflicts = new Counter({
      name: 'realip_agent_conflicts_total',
      help: 'Claims of other hosts on addresses of this node, by what the address is to it.',
      labelNames: ['what'],
      registers,
    });
    for (const what of ['reserve', 'in-use', 'behind-node']) {
      this.conflicts.inc({ what }, 0);
    }
    this.#measure(measured);
  }

  async page(): Promise<{ readonly text: string; readonly type: string }> {
    return { text: await this.registry.metrics(), type: this.registry.contentType };
  }

  #measure({ status, journalled, counts, isServerUp, notes, now }: Measured): void {
    const registry = this.registry;
    const gauge = (name: string, help: string, value: () => number | undefined) =>
      new Gauge({
        name: `realip_agent_${name}`,
        help,
        registers: [registry],
        collect() {
          const read = value();
          if (read !== undefined) {
            this.set(read);
          }
        },
      });
    const counter = (name: string, help: string, value: () => number) =>
      new Counter({
        name: `realip_agent_${name}`,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    new Gauge({
      name: 'realip_agent_reserve_addresses',
      help: 'Addresses that this node holds for pods to come.',
      labelNames: ['subnet', 'state'],
      registers: [registry],
      collect() {
        this.reset();
        const { subnets, reserve } = status();
        for (const subnet of subnets) {
          for (const state of states) {
            const count = reserve.filter((each) => each.subnet === subnet && each.state === state).length;
            this.set({ subnet, state }, count);
          }
        }
      },
    });
    new Counter({
      name: 'realip_agent_repairs_total',
      help: 'What pods need on this node and somebody took away, put back; what was left over, taken away.',
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [kind, count] of notes.repairs) {
          this.inc({ kind }, count);
        }
      },
    });
    new Gauge({
      name: 'realip_agent_faults',
      help: 'What is wrong on this node and waits for an admin.',
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        for (const [kind, words] of notes.faults) {
          this.set({ kind }, words.length);
        }
      },
    });
    gauge('attachments', 'Attachments that live on this node.', () => status().attachments);
    gauge('outbox', 'Beginnings and ends that the server is yet to be told of.', () => status().untold);
    gauge('journal_records', 'Releases that the journal holds.', journalled);
    gauge(
      'address_conflicts',
      'Addresses of living pods that are not theirs alone.',
      () => status().conflicts.length,
    );
    gauge('server_up', '1 while an IPAM server answers.', () => (isServerUp() ? 1 : 0));
    gauge('waiting', 'ADDs that wait for a probed address.', () => counts().waiting);
    gauge('sync_age_seconds', 'Since the last sync that was answered.', () => {
      const { lastSync } = status();
      return lastSync === undefined ? undefined : Math.max(0, (now() - Date.parse(lastSync)) / 1000);
    });
    counter('takes_total', 'Attachments that got their addresses out of the reserve.', () => counts().taken);
    counter('forwarded_total', 'Attachments that the server gave addresses itself.', () => counts().asked);
    counter('releases_total', 'DELs.', () => counts().ends);
    counter('waits_total', 'ADDs that found no address ready.', () => counts().waits);
    counter('reserve_empty_total', 'ADDs that got none for it.', () => counts().empties);
    gauge('resident_bytes', 'Memory of the agent.', () => process.memoryUsage.rss());
    counter('cpu_seconds_total', 'Processor time of the agent.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
  }
}
