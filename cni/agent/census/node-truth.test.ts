import { Ip } from '../../../core/address/ip.ts';
import type { HeldAttachment } from '../../../schema/node-sync.ts';
import type { Sandbox } from '../cri/sandbox.ts';
import { Notes } from '../repair/notes.ts';
import { asAttachment, type LivingLink } from './living-link.ts';
import { NodeTruth } from './node-truth.ts';

const key = (containerId: string) => ({ network: 'real', containerId, ifname: 'eth0' });

function link(containerId: string, last: number, generation?: number): LivingLink {
  return {
    attachment: key(containerId),
    ...(generation === undefined ? {} : { generation }),
    inode: last,
    netns: `/run/netns/${containerId}`,
    alias: `realip ${generation ?? 0} ${containerId} real`,
    kind: 'macvlan',
    mac: undefined,
    mtu: 1500,
    parentIndex: 2,
    ips: [Ip.parse(`10.9.1.${last}`)],
  };
}

/** A node whose kernel and runtime are lists; what is done to it is written down. */
class Node {
  now = 0;
  links: LivingLink[] = [];
  known: string[] = [];
  sandboxes: (() => Promise<readonly Sandbox[]>) | undefined;
  readonly looks: boolean[] = [];
  readonly done: string[] = [];
  readonly said: string[] = [];
  unseen: string[] = [];
  isStuck = false;
  isStill = true;
  readonly notes = new Notes({
    info: (words) => this.said.push(words),
    warn: (words) => this.said.push(words),
  });
  truth!: NodeTruth;

  start(): this {
    const node = this;
    this.truth = new NodeTruth({
      now: () => this.now,
      kernel: {
        get links() {
          return node.links;
        },
        doubt: (inodes) => this.done.push(`doubt ${inodes}`),
        look: async (isWhole) => {
          this.looks.push(isWhole);
          return { attachments: this.links.map(asAttachment), isWhole, unseen: this.unseen };
        },
      },
      repairs: { wantsWhole: () => false, mend: ({ isWhole }) => this.done.push(`mend ${isWhole}`) },
      notes: this.notes,
      ...(this.sandboxes && { sandboxes: () => this.sandboxes?.() ?? Promise.resolve([]) }),
      known: () => this.known.map(key),
      ended: async ({ containerId }, generation) => void this.done.push(`ended ${containerId} ${generation}`),
      detacher: {
        detach: async ({ netns }) => {
          if (this.isStuck) {
            throw new Error('EPERM');
          }
          this.links = this.links.filter((each) => each.netns !== netns);
          this.done.push(`detach ${netns}`);
        },
      },
      isStill: () => this.isStill,
      forget: (ips) => this.done.push(`forget ${ips.join()}`),
    });
    return this;
  }

  async look() {
    this.now += 10_000;
    const { attachments } = await this.truth.look(false);
    return attachments.map(({ containerId, addresses }) => `${containerId} ${addresses.join()}`);
  }
}

const ready = (...ids: string[]) => ids.map((id) => ({ id, isReady: true }));
const held = (containerId: string, address: string): HeldAttachment => ({
  ...key(containerId),
  generation: 7,
  addresses: [address],
});

test('while all that is known is shown, looks are cheap', async () => {
  const node = new Node().start();
  node.links = [link('a', 1)];
  node.known = ['a'];
  await node.look();
  await node.look();
  expect(node.looks).toEqual([false, false]);
});

test('what is known and not shown is looked for everywhere, twice, and not for ever', async () => {
  const node = new Node().start();
  node.known = ['a'];
  await node.look();
  await node.look();
  await node.look();
  expect(node.looks).toEqual([false, true, false, true, false]);
  node.known = ['a', 'b'];
  await node.look();
  expect(node.looks.slice(-2)).toEqual([false, true]);
});

test('what the server misses is looked for everywhere', async () => {
  const node = new Node().start();
  node.truth.suspected([held('a', '10.9.1.1')]);
  await node.look();
  expect(node.looks).toEqual([true]);
  node.truth.suspected([]);
  await node.look();
  expect(node.looks).toEqual([true, false]);
});

test('a sandbox that runs lives, though the kernel shows nothing of it; which addresses it has is not told', async () => {
  const node = new Node();
  node.sandboxes = async () => [...ready('a', 'b'), { id: 'stopped', isReady: false }];
  node.start();
  node.known = ['a', 'stopped', 'other'];
  node.truth.suspected([held('b', '10.9.1.2')]);
  expect(await node.look()).toEqual(['a ', 'b ']);
});

test('while the runtime is away its word of before stands, and that is told once', async () => {
  const node = new Node();
  node.sandboxes = async () => ready('a');
  node.start();
  node.known = ['a'];
  await node.look();
  node.sandboxes = () => Promise.reject(new Error('ECONNREFUSED'));
  expect(await node.look()).toEqual(['a ']);
  expect(await node.look()).toEqual(['a ']);
  expect(node.said).toEqual(['the runtime does not tell its pods: ECONNREFUSED']);
});

test('the link of a pod that the runtime forgot goes at the second answer without it, ways first, and the pod has ended', async () => {
  const node = new Node();
  node.sandboxes = async () => ready('a', 'b');
  node.start();
  node.links = [link('a', 1, 12), link('b', 2, 13), link('cnitool', 3, 14)];
  await node.look();
  node.sandboxes = async () => ready('b');
  await node.look();
  expect(node.links).toHaveLength(3);
  await node.look();
  expect(node.links.map(({ attachment }) => attachment.containerId)).toEqual(['b', 'cnitool']);
  expect(node.done.filter((each) => !each.startsWith('mend'))).toEqual([
    'forget 10.9.1.1',
    'detach /run/netns/a',
    'doubt 1',
    'ended a 12',
  ]);
  expect(node.notes.repairs.get('missed-del')).toBe(1);
});

test('one that can’t be taken away has not ended; it is told, and tried again', async () => {
  const node = new Node();
  node.sandboxes = async () => ready('a');
  node.start();
  node.links = [link('a', 1, 12)];
  await node.look();
  node.sandboxes = async () => [];
  node.isStuck = true;
  for (let looks = 0; looks < 3; looks++) {
    await node.look();
  }
  expect(node.done.some((each) => each.startsWith('ended'))).toBe(false);
  expect(node.notes.faults.get('forgotten-stays')).toEqual([expect.stringContaining('EPERM')]);
  node.isStuck = false;
  await node.look();
  expect(node.done).toContain('ended a 12');
  expect(node.notes.faults.get('forgotten-stays')).toEqual([]);
});

test('what was revoked goes with its host routes, and no way to whoever has the address now', async () => {
  const node = new Node().start();
  node.links = [link('a', 1, 7), { ...link('b', 2, 8), ips: [Ip.parse('10.9.1.2'), Ip.parse('10.9.1.1')] }];
  await node.truth.takeDown([held('a', '10.9.1.1')]);
  expect(node.links.map(({ attachment }) => attachment.containerId)).toEqual(['b']);
  expect(node.done).toEqual(['forget ', 'detach /run/netns/a', 'doubt 1']);
  expect(node.said.join()).toContain('fenced');
});

test('an interface that is another by now is left alone', async () => {
  const node = new Node().start();
  node.links = [link('a', 1, 7)];
  node.isStill = false;
  await node.truth.takeDown([held('a', '10.9.1.1')]);
  expect(node.links).toHaveLength(1);
});

test('where it couldn’t be looked is told, and repairs know that there may be more', async () => {
  const node = new Node().start();
  node.unseen = ['could not look into /proc/7/ns/net: EACCES'];
  await node.look();
  expect(node.notes.faults.get('unseen')).toEqual(node.unseen);
  expect(node.done).toEqual(['mend false']);
});
