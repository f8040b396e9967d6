import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Draft } from '../node/node.ts';
import type { Doors } from './doors.ts';
import { Grant } from './grant.ts';
import type { Wish } from './ipam/ipam.ts';
import { allocationOf } from './testing/allocation.ts';
import { unclaimed } from './unclaimed.ts';

const attachment = { network: 'real', containerId: 'c1', ifname: 'eth0' };
const mac = Mac.parse('52:54:00:12:34:56');

/** An IPAM that gives 10.9.1.1, 10.9.1.2 and so on, and a network on which some of them are taken. */
function trial({ taken, has = 100, wish = {}, knowsQuarantine = true }: TrialSettings) {
  const told: string[] = [];
  let count = 0;
  const ipam = {
    allocate: async () => {
      count += 1;
      if (count > has) {
        throw new Problem('IPAM_NONE_FREE', 'none is free');
      }
      const ips = [{ address: Prefix.parse(`10.9.1.${count}/16`) }];
      return { allocation: allocationOf({ generation: count, ips }), created: true };
    },
    reportConflict: async (_: unknown, ip: Ip, who: Mac) => {
      told.push(`${ip} ${who}`);
      return knowsQuarantine;
    },
    release: async (_: unknown, generation: number) => {
      told.push(`release ${generation}`);
    },
  };
  const draft = {
    probe: (ips: readonly Ip[]) =>
      ips.filter((ip) => taken.includes(ip.toString())).map((ip) => ({ ip, mac })),
  };
  const grant = new Grant({ ipam } as unknown as Doors, attachment, wish);
  const run = async () => unclaimed(await grant.ask(), grant, draft as unknown as Draft, 'draft');
  return { run, told, grant };
}

interface TrialSettings {
  readonly taken: readonly string[];
  /** How many addresses there are. */
  readonly has?: number;
  readonly wish?: Wish;
  readonly knowsQuarantine?: boolean;
}

const addresses = (count: number) => Array.from({ length: count }, (_, at) => `10.9.1.${at + 1}`);

test('the first address that nobody claims is taken, those before are reported with the MAC', async () => {
  const { run, told } = trial({ taken: addresses(2) });
  expect((await run()).ips.map(({ address }) => address.toString())).toEqual(['10.9.1.3/16']);
  expect(told).toEqual([`10.9.1.1 ${mac}`, `10.9.1.2 ${mac}`]);
});

test('five may be taken; with the sixth it ends, and names them all', async () => {
  await expect(trial({ taken: addresses(5) }).run()).resolves.toMatchObject({ generation: 6 });
  const { run, told } = trial({ taken: addresses(50) });
  await expect(run()).rejects.toMatchObject({
    code: 'ADDRESSES_TAKEN',
    message: expect.stringMatching(/10\.9\.1\.1 is used by 52:.*10\.9\.1\.6 is used by 52:/),
  });
  expect(told).toHaveLength(6);
});

test('a range that has no other left says which of it are taken', async () => {
  const { run } = trial({ taken: addresses(2), has: 2 });
  await expect(run()).rejects.toMatchObject({
    code: 'IPAM_NONE_FREE',
    message: `none is free; before that, 10.9.1.1 is used by ${mac}, 10.9.1.2 is used by ${mac}`,
  });
});

test('an address that was asked for is reported and not replaced', async () => {
  const { run, told } = trial({ taken: addresses(1), wish: { addresses: [Ip.parse('10.9.1.1')] } });
  await expect(run()).rejects.toMatchObject({
    code: 'WANTED_ADDRESS_TAKEN',
    message: expect.stringContaining(`10.9.1.1 is used by ${mac}`),
  });
  expect(told).toEqual([`10.9.1.1 ${mac}`]);
});

test('an IPAM without quarantine would give the same again: it isn’t asked', async () => {
  const { run, told } = trial({ taken: addresses(1), knowsQuarantine: false });
  await expect(run()).rejects.toMatchObject({ code: 'ADDRESSES_TAKEN' });
  expect(told).toEqual([`10.9.1.1 ${mac}`]);
});

test('what goes back after a failure is the last that was given', async () => {
  const { run, told, grant } = trial({ taken: addresses(2) });
  await run();
  await grant.giveBack(new Error('the kernel refused'));
  expect(told.at(-1)).toBe('release 3');
});
