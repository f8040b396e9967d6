import { present } from '../../core/cni/present.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { readFile, sizeOf } from '../../netlink/file.bun.ts';
import { HttpClient } from '../http/client.bun.ts';
import type { HttpRequest } from '../http/http.ts';
import { patientFlock } from '../journal/flock.bun.ts';
import { Journal } from '../journal/journal.ts';
import { KernelNode } from '../node/kernel-node.bun.ts';
import type { Config } from './config.ts';
import type { Doors } from './doors.ts';
import type { Environment } from './environment.ts';
import { Agent } from './ipam/agent.ts';
import type { Ipam } from './ipam/ipam.ts';
import { ServerIpam } from './ipam/server-ipam.ts';
import { Servers } from './ipam/servers.ts';
import { isDelegatedTo } from './ipam-config.ts';
import type { Given, OpenDoors } from './plugin.ts';
import { requestIdOf } from './request-id.ts';
import { warn } from './streams.bun.ts';

/** The real doors: the kernel, the server, the disk. Nothing but the way to the server is opened before it is used. */
export function openDoors(config: Parameters<OpenDoors>[0], given: Given): Doors | Promise<Doors> {
  if (isDelegatedTo(config.ipam.type)) {
    return openDelegated(config, given);
  }
  const journal = new Journal(config.ipam.stateDir, patientFlock, sizeOf);
  return { ...openOthers(), ...openSources(config, given.env), journal };
}

/** The same with another IPAM plugin: only who has one waits until the code for that is loaded. */
async function openDelegated(config: Parameters<OpenDoors>[0], given: Given): Promise<Doors> {
  const { openDelegate } = await import('../delegation/open.bun.ts');
  return { ...openOthers(), ipam: openDelegate(config, given), agent: undefined, journal: undefined };
}

function openOthers(): Pick<Doors, 'node' | 'randomOctets' | 'warn'> {
  return {
    node: new KernelNode(warn),
    randomOctets: () => crypto.getRandomValues(new Uint8Array(6)),
    warn,
  };
}

/** Addresses from the agent and the servers that the configuration names. */
export function openSources(
  { ipam }: Pick<Config, 'ipam'>,
  env: Environment,
): { ipam: Ipam; agent: Agent | undefined } {
  const client = new HttpClient();
  const send = (request: HttpRequest) => client.send(request);
  const { timeoutMs, reserveWaitMs } = ipam;
  const requestId = requestIdOf(env, Date.now());
  const agent =
    ipam.agent === undefined
      ? undefined
      : new Agent(
          { socket: ipam.agent, timeoutMs, reserveWaitMs, requestId },
          { send, approach: (target) => client.approach(target) },
        );
  const [url] = ipam.servers;
  if (url !== undefined && !agent?.isThere) {
    client.approach({ url });
  }
  const servers = new Servers(
    {
      agent,
      urls: ipam.servers,
      timeoutMs,
      requestId,
      credentials: () =>
        present({
          token: contents('tokenFile', ipam.tokenFile)?.trim(),
          ca: contents('caFile', ipam.caFile),
        }),
    },
    send,
    () => Bun.nanoseconds() / 1e6,
  );
  return { ipam: new ServerIpam(servers, ipam.node ?? (env['NODE_NAME'] || hostName())), agent };
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
