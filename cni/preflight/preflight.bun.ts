import { reasonOf } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import { printOutput } from '../plugin/streams.bun.ts';
import { openSources } from '../plugin/wiring.bun.ts';
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
const serverMs = 2_500;

/** What a node is judged by as long as there is no configuration. */
const bare = { dataplane: 'macvlan', mode: 'bridge', hostRoutes: [] } as const;

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
    return [warning('conf-missing', words, 'realip preflight --conf FILE'), ...judgeNode(bare)];
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
  return [...findings, ...judgeNode(config), ...(await askServers(config))];
}

/** Where an interface can't carry pods, the LAN behind it isn't asked. */
function judgeNode(config: Parameters<typeof judgeLower>[0]): Finding[] {
  const { findings, link } = judgeLower(config);
  return link === undefined || !isFit(findings)
    ? findings
    : [...findings, ...judgeLan(link, config.dataplane)];
}

async function askServers(config: NonNullable<ReturnType<typeof judgeConf>['config']>): Promise<Finding[]> {
  const { ipam } = config;
  if (ipam.type !== 'realip-ipam' || ipam.servers.length === 0) {
    return [];
  }
  const patient = { ...config, ipam: { ...ipam, timeoutMs: Math.min(ipam.timeoutMs, serverMs) } };
  return judgeLedger(openSources(patient, process.env).ipam, config);
}
