import { Counter, Gauge, type Registry } from 'prom-client';
import type { WatchFigures } from './messages.ts';

/** What is read when somebody asks for the metrics. */
export interface WatchMeasured {
  readonly figures: () => WatchFigures | undefined;
  /** MACs that switches see of this node: its master's, and those of its pods on the network. */
  readonly shown: () => number;
  /** Events that Kubernetes was never told. */
  readonly eventsLost: () => number;
}

/** Adds what is heard on the network to the agent's metrics. */
export function measureWatch(registry: Registry, { figures, shown, eventsLost }: WatchMeasured): void {
  const registers = [registry];
  const interfaces = () => figures()?.interfaces ?? [];
  new Counter({
    name: 'realip_agent_broadcasts_heard_total',
    help: 'ARP to all and neighbour discovery to groups, by interface.',
    labelNames: ['interface', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const { name, arp, ndp } of interfaces()) {
        this.inc({ interface: name, kind: 'arp' }, arp);
        this.inc({ interface: name, kind: 'ndp' }, ndp);
      }
    },
  });
  new Counter({
    name: 'realip_agent_frames_dropped_total',
    help: 'ARP and neighbour discovery that came faster than it was read, and was lost.',
    labelNames: ['interface'],
    registers,
    collect() {
      this.reset();
      for (const { name, dropped } of interfaces()) {
        this.inc({ interface: name }, dropped);
      }
    },
  });
  new Gauge({
    name: 'realip_agent_macs_heard',
    help: 'MACs that spoke ARP or neighbour discovery within the last five to ten minutes.',
    labelNames: ['interface'],
    registers,
    collect() {
      this.reset();
      for (const { name, sources } of interfaces()) {
        this.set({ interface: name }, sources);
      }
    },
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  gauge(
    'realip_agent_watched_interfaces',
    'Interfaces that are listened on; 0 while no claim can be heard.',
    () => interfaces().length,
  );
  gauge(
    'realip_agent_macs_shown',
    'MACs that switches see of this node: its master’s and those of its pods on the network.',
    shown,
  );
  counter(
    'realip_agent_probes_answered_total',
    'ARP probes for pods behind this node that it answered.',
    () => figures()?.answered ?? 0,
  );
  counter(
    'realip_agent_echoes_total',
    'Frames of pods of this node that the network sent back.',
    () => figures()?.echoes ?? 0,
  );
  counter('realip_agent_kube_events_lost_total', 'Events that Kubernetes was never told.', eventsLost);
}
