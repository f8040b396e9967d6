import type { Logger } from 'winston';
import { endHolders } from '../../delegation/holders.ts';
import { Register, registerFolder } from '../../delegation/register.ts';
import { flock } from '../../journal/flock.bun.ts';
import { KernelNode } from '../../node/kernel-node.bun.ts';
import { criSocket, listSandboxes } from '../cri/cri.bun.ts';
import { KernelRepairs } from '../repair/kernel-repairs.bun.ts';
import { Notes } from '../repair/notes.ts';
import { withPodLink } from '../repair/pod-link.bun.ts';
import type { Settings } from '../settings.ts';
import { KernelCensus } from './kernel-census.bun.ts';
import { NodeTruth, type TruthDoors } from './node-truth.ts';

export interface OpenTruth {
  readonly truth: NodeTruth;
  readonly notes: Notes;
  close(): void;
}

/** What lives on this node, by its kernel and its runtime, with the repairs that follow. */
export function openTruth(
  settings: Pick<Settings, 'master' | 'criSocket' | 'network'>,
  log: Pick<Logger, 'info' | 'warn'>,
  doors: Pick<TruthDoors, 'now' | 'known' | 'ended' | 'detacher'>,
): OpenTruth {
  const { master, network } = settings;
  const notes = new Notes(log);
  const register = new Register(registerFolder(), { take: flock, endHolders });
  const node = new KernelNode((message) => log.warn(message));
  const repairs = new KernelRepairs(
    {
      ...(master === undefined ? {} : { master }),
      mtuOf: (name) => (name === network?.name ? network.mtu : undefined),
    },
    notes,
  );
  const cri = criSocket(settings.criSocket);
  if (cri !== undefined) {
    log.info('the runtime is asked which pods it has', { socket: cri });
  }
  const truth = new NodeTruth({
    ...doors,
    kernel: new KernelCensus({ now: doors.now, isDelegated: (each) => register.find(each) !== undefined }),
    repairs,
    notes,
    ...(cri === undefined ? {} : { sandboxes: () => listSandboxes(cri) }),
    isStill: (link) => withPodLink(link, () => true) === true,
    forget: (ips) => node.forget(undefined, ips),
  });
  return { truth, notes, close: () => repairs.close() };
}
