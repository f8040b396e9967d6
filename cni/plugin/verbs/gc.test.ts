import { Prefix } from '../../../core/address/prefix.ts';
import { Fields } from '../../../core/cni/fields.ts';
import type { Attached } from '../../node/node.ts';
import type { Doors } from '../doors.ts';
import { configOf } from '../testing/config.ts';
import { gc } from './gc.ts';

/** Three attachments that the runtime forgot; of the first the kernel gives nothing away, of the second the ledger. */
function stubborn({ links = 3, unseen = [] as string[] } = {}) {
  const names = ['c1', 'c2', 'c3'];
  const attached: Attached[] = names.slice(0, links).map((id, index) => ({
    netns: id,
    ifname: 'eth0',
    alias: `realip ${index + 1} ${id} real`,
    isOnThisNode: true,
    ips: [Prefix.parse(`10.9.1.${index + 1}/16`)],
  }));
  const records = names.map((containerId, index) => ({
    network: 'real',
    containerId,
    ifname: 'eth0',
    generation: index + 1,
    ips: [{ address: Prefix.parse(`10.9.1.${index + 1}/16`) }],
  }));
  const done: string[] = [];
  const refuseFor = (id: string, refused: string, what: string) => {
    if (id === refused) {
      throw new Error(`no ${what}`);
    }
    done.push(`${what} ${id}`);
  };
  const doors = {
    journal: { isEmpty: true },
    node: {
      findAttached: () => ({ attached, unseen }),
      findMaster: () => ({ name: 'eth0' }),
      tidyVlans: () => undefined,
      forget: (_: unknown, { length }: readonly unknown[]) => {
        if (length === 0) {
          throw new Error('no sweep');
        }
      },
      removeAttached: ({ netns }: Attached) => refuseFor(netns, 'c1', 'link'),
    },
    ipam: {
      collect: async () => done.push('collect'),
      list: async () => records,
      release: async ({ containerId }: { containerId: string }) => refuseFor(containerId, 'c2', 'release'),
    },
  };
  return { doors: doors as unknown as Doors, done };
}

test('a failure keeps none of the others from going, keeps the address of its own, and is told at the end', async () => {
  const { doors, done } = stubborn();
  const conf = new Fields({ 'cni.dev/valid-attachments': [] }, () => undefined);
  await expect(gc(conf, configOf(), doors)).rejects.toMatchObject({
    code: 'GC_INCOMPLETE',
    message: 'c1 eth0: no link; c2 eth0: no release; no sweep',
  });
  expect(done).toEqual(['link c2', 'link c3', 'release c3', 'collect']);
});

test('where a namespace could not be looked into, an address without interface is kept', async () => {
  const { doors, done } = stubborn({ links: 0, unseen: ['could not look into /run/netns/x: EMFILE'] });
  const conf = new Fields({ 'cni.dev/valid-attachments': [] }, () => undefined);
  await expect(gc(conf, configOf(), doors)).rejects.toThrow('EMFILE');
  expect(done).toEqual(['collect']);
});
