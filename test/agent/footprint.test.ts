import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Site } from './site.ts';

const isLong = process.env['REALIP_SOAK'] === '1';
const pods = isLong ? 250 : 64;
const seconds = isLong ? 60 : 15;
/** Aim: 0.5 %. Less than a minute shows one look at the whole node more or less. */
const mostPercent = isLong ? 0.5 : 1;
/** Some 50 of them are the executable’s file, which all that run share. */
const mostMebibytes = 80;

const subnets = [
  { name: 'lan', cidr: '10.9.0.0/16', start: '10.9.1.0', end: '10.9.4.255' },
  { name: 'lan6', cidr: 'fd00:9::/64', start: 'fd00:9::1:1', end: 'fd00:9::1:3ff' },
  { name: 'lab', cidr: '10.10.0.0/16', start: '10.10.1.0', end: '10.10.4.255' },
  { name: 'lab6', cidr: 'fd00:10::/64', start: 'fd00:10::1:1', end: 'fd00:10::1:3ff' },
];

let site: Site;
beforeAll(async () => {
  site = await Site.open({ conf: { ipam: { reserveWaitMs: 20_000, timeoutMs: 20_000 } } });
  const { server } = site;
  await server.ask('DELETE', '/v1/ranges/lan-n1');
  for (const { name, cidr, start, end } of subnets) {
    await server.ask('PUT', `/v1/subnets/${name}`, { zone: 'real', cidr });
    await server.ask('PUT', `/v1/ranges/${name}-n1`, { subnet: name, node: 'n1', start, end });
  }
  await site.node.startAgent();
});
afterAll(() => site?.close());

function mebibytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

/** Processor time of all threads, in seconds. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // utime and stime, in hundredths of a second (USER_HZ).
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Pods in one subnet after the other, some at once. */
async function begin(numbers: readonly number[]): Promise<void> {
  const answers = await Promise.all(
    numbers.map((number) => {
      const { name } = subnets[number % subnets.length] ?? { name: '' };
      const ipam = { ...(site.node.plugin.conf['ipam'] as object), subnet: name };
      return site.node.addBeside(`p${number}`, { ifname: 'eth0', conf: { ipam } });
    }),
  );
  expect(answers.filter(({ status }) => status !== 0).map(({ stdout }) => stdout)).toEqual([]);
}

test(`${pods} pods in 4 subnets, and a reserve of each: resident below ${mostMebibytes} MiB, idle below ${mostPercent} % of a processor`, async () => {
  const { node } = site;
  const numbers = Array.from({ length: pods }, (_, index) => index);
  while (numbers.length > 0) {
    await begin(numbers.splice(0, 16));
  }
  await node.reserveReady(4 * subnets.length, 30_000);
  // What the last pods' beginning has set going is over after two rounds of its talk with the server.
  await sleep(20_000);
  const { pid } = node.agent;
  const before = processorSeconds(pid);
  await sleep(seconds * 1000);
  const percent = ((processorSeconds(pid) - before) / seconds) * 100;
  const resident = mebibytes(pid);
  console.log(
    `${pods} pods, 4 subnets: ${resident.toFixed(1)} MiB resident, ${percent.toFixed(2)} % of a processor`,
  );
  expect(resident).toBeLessThan(mostMebibytes);
  expect(percent).toBeLessThan(mostPercent);
}, 600_000);
