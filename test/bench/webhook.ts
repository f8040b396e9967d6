import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../lab/certificates.ts';
import { start } from '../lab/process.ts';
import { residentOf } from './resident.ts';
import { reviewOf } from './reviews.ts';
import { stop } from './server.ts';
import { type Comparison, median, quantile } from './statistics.ts';
import { type Served, steadyLoad } from './steady-load.ts';
import type { Figure } from './table.ts';

const perSecond = 500;
const aims = { p99: 5, overPeer: 2, overFewRules: 1.2, resident: 120 };

/** Rules that the pods of the bench pass one after the other, to be placed by the default. */
function policyOf(rules: number): string {
  const matches = ['namespaces: ["team-N-*"]', 'labels: {app: other-N}', 'serviceAccounts: ["ci/N-*"]'];
  const lines = Array.from({ length: rules }, (_, n) => {
    const match = matches[n % matches.length] ?? '';
    return `  - {name: rule-${n}, match: {${match.replace('N', String(n))}}, zone: overlay}`;
  });
  return `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan}
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}]
    ipResource: true
rules:
${lines.join('\n')}
default: real
`;
}

interface Running extends Served {
  readonly process: ChildProcess;
}

async function startWebhook(
  dist: string,
  folder: string,
  files: Certificates,
  rules: number,
  port: number,
): Promise<Running> {
  const policy = join(folder, `policy-${rules}.yaml`);
  writeFileSync(policy, policyOf(rules));
  const secured = ['--tls-cert', files.cert, '--tls-key', files.key];
  const command = [
    process.execPath,
    join(dist, 'webhook.js'),
    '--listen',
    `127.0.0.1:${port}`,
    '--policy',
    policy,
  ];
  const { process: child } = await start([...command, ...secured], join(folder, `webhook-${rules}.log`));
  return { process: child, url: `https://127.0.0.1:${port}/mutate?timeout=2s`, ca: readFileSync(files.ca) };
}

async function startEcho(dist: string, folder: string, files: Certificates, port: number): Promise<Running> {
  const program = join(dist, '..', 'test', 'bench', 'echo-server.mjs');
  const command = [process.execPath, program, String(port), files.cert, files.key];
  const { process: child } = await start(command, join(folder, 'echo.log'));
  return { process: child, url: `https://127.0.0.1:${port}/mutate?timeout=2s`, ca: readFileSync(files.ca) };
}

/** Reviews over TLS at a steady rate: the webhook with few and with many rules, and a bare server, in turn. */
export async function benchWebhook(
  dist: string,
  rounds: number,
  seconds: number,
): Promise<{ comparisons: Comparison[]; figures: Figure[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const running: Running[] = [];
  try {
    const files = await makeCertificates(folder, ['IP:127.0.0.1']);
    const few = await startWebhook(dist, folder, files, 12, 19443);
    const many = await startWebhook(dist, folder, files, 200, 19444);
    const bare = await startEcho(dist, folder, files, 19445);
    running.push(few, many, bare);
    const load = async (served: Served, length = seconds) => {
      const times = await steadyLoad(served, reviewOf, { perSecond, seconds: length });
      return { p50: median(times), p99: quantile(times, 0.99) };
    };
    for (const each of running) {
      await load(each, 2);
    }
    const ours = [];
    const ofMany = [];
    const theirs = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await load(few));
      theirs.push(await load(bare));
      ofMany.push(await load(many));
    }
    const conditions = `${perSecond} reviews/s of ${(reviewOf(0).length / 1024).toFixed(1)} KiB over TLS, kept connections, 12 rules`;
    const common = { conditions, unit: 'ms', peer: 'bare Node HTTPS server that echoes' } as const;
    const p99 = median(ours.map((each) => each.p99));
    const memory = Math.max(residentOf(few.process.pid).now, residentOf(many.process.pid).now);
    return {
      comparisons: [
        {
          ...common,
          name: 'p50 of a review',
          ours: ours.map(({ p50 }) => p50),
          theirs: theirs.map(({ p50 }) => p50),
          target: aims.overPeer,
        },
        {
          ...common,
          name: 'p99 of a review',
          ours: ours.map((each) => each.p99),
          theirs: theirs.map((each) => each.p99),
        },
        {
          ...common,
          name: 'p50 of a review with 200 rules',
          conditions: conditions.replace('12 rules', '200 rules'),
          peer: 'the same with 12 rules',
          ours: ofMany.map(({ p50 }) => p50),
          theirs: ours.map(({ p50 }) => p50),
          target: aims.overFewRules,
        },
      ],
      figures: [
        {
          name: 'p99 of a review',
          conditions: `${conditions}; aim < ${aims.p99} ms`,
          value: `${p99.toFixed(2)} ms ${p99 < aims.p99 ? '✔' : '✘'}; ${(p99 / median(theirs.map(({ p50 }) => p50))).toFixed(1)} × the bare server’s p50`,
        },
        {
          name: 'resident memory of the webhook (VmRSS)',
          conditions: `after that load; aim < ${aims.resident} MiB`,
          value: `${memory.toFixed(0)} MiB ${memory < aims.resident ? '✔' : '✘'}`,
        },
      ],
    };
  } finally {
    for (const { process: child } of running) {
      await stop(child);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
