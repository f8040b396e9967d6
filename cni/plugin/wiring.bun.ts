import { present } from '../../core/cni/present.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { readFile, sizeOf } from '../../netlink/file.bun.ts';
import { flock } from '../journal/flock.bun.ts';
import { Journal } from '../journal/journal.ts';
import { KernelNode } from '../node/kernel-node.bun.ts';
import type { Config } from './config.ts';
import type { Doors } from './doors.ts';
import type { Environment } from './environment.ts';
import { approach, send } from './ipam/fetch.bun.ts';
import type { Ipam } from './ipam/ipam.ts';
import { ServerIpam } from './ipam/server-ipam.ts';
import { Servers } from './ipam/servers.ts';
import { warn } from './streams.bun.ts';

/** The real doors: the kernel, the server, the disk. Nothing but the way to the server is opened before it is used. */
export function openDoors(config: Config, env: Environment): Doors {
  return {
    node: new KernelNode(warn),
    ipam: openIpam(config, env),
    journal: new Journal(config.ipam.stateDir, flock, sizeOf),
    randomOctets: () => crypto.getRandomValues(new Uint8Array(6)),
    warn,
  };
}

/** Addresses from the server that the configuration names. */
export function openIpam({ ipam }: Config, env: Environment): Ipam {
  const [first] = ipam.servers;
  if (first !== undefined) {
    approach(first);
  }
  const servers = new Servers(
    {
      urls: ipam.servers,
      timeoutMs: ipam.timeoutMs,
      credentials: () =>
        present({
          token: contents('tokenFile', ipam.tokenFile)?.trim(),
          ca: contents('caFile', ipam.caFile),
        }),
    },
    send,
    () => performance.now(),
  );
  return new ServerIpam(servers, ipam.node ?? (env['NODE_NAME'] || hostName()));
}

function contents(field: string, path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : new TextDecoder().decode(readFile(path));
  } catch (error) {
    throw new Problem('INVALID_NETWORK_CONFIG', `ipam.${field}: ${reasonOf(error)}`, {}, error);
  }
}

function hostName(): string {
  return new TextDecoder().decode(readFile('/proc/sys/kernel/hostname')).trim();
}
