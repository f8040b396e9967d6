import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import type { Claim } from '../../probe/claim.ts';
import { VlanProber } from './vlan-prober.ts';

const untagged = Ip.parse('10.9.1.5');
const tagged = Ip.parse('10.7.1.5');
const claimOn = (ip: Ip): Claim => ({ ip, mac: Mac.parse('02:00:00:00:00:99') });

/** Networks that know who has what, or can't be asked. */
function trial(networks: Record<string, readonly Claim[] | Error>) {
  const asked: string[] = [];
  const ask = (vlan: number | undefined, ips: readonly Ip[]) => {
    asked.push(`${vlan}: ${ips.join(' ')}`);
    const network = networks[String(vlan)] ?? [];
    return network instanceof Error ? Promise.reject(network) : Promise.resolve(network);
  };
  const closed: unknown[] = [];
  const prober = new VlanProber({
    vlanOf: (ip) => (ip.equals(tagged) ? 7 : undefined),
    open: (vlan) => ({
      probe: async (ip) => (await ask(vlan, [ip]))[0],
      recheck: async (ips) => ({ asked: ips, claims: await ask(vlan, ips) }),
      close: (reason) => closed.push(`${vlan}: ${reason}`),
    }),
  });
  return { prober, asked, closed };
}

const how = { isUrgent: false, signal: new AbortController().signal };

test('an address is asked for on its own network', async () => {
  const { prober, asked } = trial({ '7': [claimOn(tagged)] });
  expect(await prober.probe(untagged, how)).toBeUndefined();
  expect(await prober.probe(tagged, how)).toEqual(claimOn(tagged));
  expect(asked).toEqual([`undefined: ${untagged}`, `7: ${tagged}`]);
});

test('a re-check asks each network for its own', async () => {
  const { prober, asked } = trial({ '7': [claimOn(tagged)] });
  expect(await prober.recheck([tagged, untagged])).toEqual({
    asked: [tagged, untagged],
    claims: [claimOn(tagged)],
  });
  expect(asked).toEqual([`7: ${tagged}`, `undefined: ${untagged}`]);
  expect(await prober.recheck([])).toEqual({ asked: [], claims: [] });
});

test('where one network can’t be asked, only the others’ addresses count as asked for', async () => {
  const down = new Error('no carrier');
  expect(await trial({ '7': down }).prober.recheck([tagged, untagged])).toEqual({
    asked: [untagged],
    claims: [],
  });
  const both = trial({ '7': down, undefined: down });
  await expect(both.prober.recheck([tagged, untagged])).rejects.toBe(down);
});

test('closed, all networks are', async () => {
  const { prober, closed } = trial({});
  await prober.probe(tagged, how);
  await prober.probe(untagged, how);
  prober.close('the end');
  expect(closed).toEqual(['7: the end', 'undefined: the end']);
});
