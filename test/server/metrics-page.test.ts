import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLan } from './lan.ts';
import { startServer } from './process.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/ipam/metrics.md'), 'utf8');

/** Name and labels of each row of the table. */
const documented = new Map(
  [...page.matchAll(/^\| `(realip_\w+)` \| (.*?) \|/gm)].map(([, name = '', labels = '']) => [
    name,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).toSorted(),
  ]),
);

/** Name and labels of each metric of a text in Prometheus' format. */
function told(text: string): Map<string, (string | undefined)[]> {
  const names = [...text.matchAll(/^# TYPE (realip_\w+) /gm)].map(([, name = '']) => name);
  return new Map(
    names.map((name) => {
      const sample = new RegExp(`^${name}(_sum)?(\\{.*\\})? `, 'm').exec(text)?.[2] ?? '';
      return [name, [...sample.matchAll(/(\w+)="/g)].map(([, label]) => label).toSorted()];
    }),
  );
}

test('docs/ipam/metrics.md explains the metrics that there are, with their labels, and no others', async () => {
  const server = await startServer('memory:');
  await makeLan(server);
  await server.call('DELETE', '/v1/allocations/net/none/eth0');
  const { text } = await server.call('GET', '/metrics');
  await server.stop();
  // No agent has synced.
  documented.delete('realip_ipam_oldest_sync_timestamp_seconds');
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(told(text)));
});
