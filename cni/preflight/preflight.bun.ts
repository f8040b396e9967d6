import { reasonOf } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import type { Config } from '../plugin/config.ts';
import { printOutput } from '../plugin/streams.bun.ts';
import { openSources } from '../plugin/wiring.bun.ts';
import { judgeAgent } from './agent.bun.ts';
import { judgeClock } from './clock.bun.ts';
import { judgeCluster } from './cluster.bun.ts';
import { judgeConf } from './conf.ts';
import { error, type Finding, warning } from './finding.ts';
import { judgeLan } from './lan.bun.ts';
import { judgeLedger } from './ledger.ts';
import { judgeLower } from './lower.bun.ts';
import { isFit, printFindings } from './report.ts';

export interface PreflightFlags {
  readonly conf?: string;
  readonly output: 'text' | 'json';
}

/** Where the plugin's own conf list stands once it is installed. */
const installed = '/etc/cni/net.d/00-realip.conflist';

/** Longest wait for the servers: the whole is to end within 5 s. */
const serverMs = 2_000;
/** For its clock, once it has answered. */
const clockMs = 500;

/** What a node is judged by as long as there is no configuration. */
const bare = { dataplane: 'macvlan', mode: 'bridge', hostAccess: 'shim', hostRoutes: [] } as const;

/**
 * Judges configuration and node before pods depend on them, and prints what it found.
 *
 * @returns the exit status: 1 when there is an error among the findings
 */
export async function preflight({ conf, output }: PreflightFlags): Promise<number> {
  const findings = await judge(conf ?? (files().existsSync(installed) ? installed : undefined));
  const ok = isFit(findings);
  printOutput(output === 'json' ? JSON.stringify({ ok, findings }, null, 2) : printFindings(findings));
  return ok ? 0 : 1;
}

async function judge(file: string | undefined): Promise<Finding[]> {
  if (file === undefined) {
    const words = `${installed} is not there yet, and no --conf was given: the node alone is judged`;
    return [
      warning('conf-missing', words, 'realip preflight --conf FILE'),
      ...judgeNode(bare),
      ...(await judgeCluster(nodeName(), serverMs)),
    ];
  }
  let text: string;
  try {
    text = files().readFileSync(file, 'utf8');
  } catch (refusal) {
    return [error('conf-unreadable', reasonOf(refusal), 'Correct the path after --conf.')];
  }
  const { findings, config } = judgeConf(file, text);
  if (config === undefined) {
    return findings;
  }
  return [...findings, ...judgeNode(config), ...(await askOthers(config))];
}

/** Where an interface can't carry pods, the LAN behind it isn't asked. */
function judgeNode(config: Parameters<typeof judgeLower>[0]): Finding[] {
  const { findings, link } = judgeLower(config);
  return link === undefined || !isFit(findings) ? findings : [...findings, ...judgeLan(link, config)];
}

/** All at once, for the time is short. */
async function askOthers(config: Config): Promise<Finding[]> {
  const { ipam } = config;
  const groups = await Promise.all([
    ipam.agent === undefined ? [] : judgeAgent(ipam.agent, ipam.servers.length === 0),
    askServers(config),
    judgeCluster(ipam.node ?? nodeName(), serverMs),
  ]);
  return groups.flat();
}

async function askServers(config: Config): Promise<Finding[]> {
  const { agent: _, ...ipam } = config.ipam;
  const [url] = ipam.servers;
  if (ipam.type !== 'realip-ipam' || url === undefined) {
    return [];
  }
  const patient = { ...config, ipam: { ...ipam, timeoutMs: Math.min(ipam.timeoutMs, serverMs) } };
  const { ipam: ledger } = openSources(patient, process.env);
  const findings = await judgeLedger(ledger, config);
  return findings.some(({ id }) => id === 'server-away')
    ? findings
    : [...findings, ...(await judgeClock(url, authority(ipam.caFile), clockMs))];
}

function authority(path: string | undefined): string | undefined {
  const { existsSync, readFileSync } = files();
  return path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function nodeName(): string {
  return process.env['NODE_NAME'] || files().readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
}
