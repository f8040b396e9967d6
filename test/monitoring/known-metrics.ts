import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, makeLan, release } from '../server/lan.ts';
import { startServer } from '../server/process.ts';

/** /metrics of a server that has seen an allocation, a release and a conflict. */
export async function liveMetrics(): Promise<string> {
  const server = await startServer('memory:');
  try {
    await makeLan(server);
    await allocate(server, 'c1');
    await release(server, 'c1');
    await server.call('POST', '/v1/addresses/10.9.1.7:conflict', { node: 'n1', mac: '52:54:00:12:34:56' });
    return (await server.call('GET', '/metrics')).text;
  } finally {
    await server.stop();
  }
}

/** The metrics that a page explains, or those of a folder. */
export function documentedIn(page: 'ipam/metrics.md' | 'agent.md' | 'zones'): string[] {
  const path = join(import.meta.dirname, '../../docs', page);
  const files = page === 'zones' ? readdirSync(path).map((name) => join(path, name)) : [path];
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  return [...text.matchAll(/^\| `(realip_\w+)`/gm)].map(([, name = '']) => name);
}

/** Names of all samples that there are, or (by the documents, which tests hold to the truth) can be. */
export function knownSamples(text: string): ReadonlySet<string> {
  const documented = (['ipam/metrics.md', 'agent.md', 'zones'] as const).flatMap(documentedIn);
  const typed = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name],
  );
  const histograms = new Set(typed.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
  return new Set([...typed, ...documented.filter((name) => !histograms.has(name))]);
}

/** The metrics that a PromQL expression names. */
export function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\b(?:realip|process|nodejs)_\w+/g)].map(([name]) => name);
}
