import { confList } from '../containerd.ts';
import type { Site } from '../site.ts';
import { until } from '../until.ts';

interface Condition {
  readonly status: boolean;
  readonly message: string;
}

/** What the node says of its network to kubelet, where the runtime asks STATUS (cniVersion 1.1.0). */
export function describeReadiness(site: () => Site): void {
  test('the node is not ready while the server is away, and says why', async () => {
    expect((await networkOf(site())).status).toBe(true);
    await site().ipam.stop();
    const condition = await networkOf(site());
    await site().restartIpam();
    expect(condition.status).toBe(false);
    expect(condition.message).toMatch(/NOT_READY: no IPAM server answered: http:\/\/127\.0\.0\.1:8080/);
    expect((await networkOf(site())).status).toBe(true);
  });

  test('the node is not ready while no address is free for it', async () => {
    const { ipam } = site();
    const range = { subnet: 'lan', node: 'n1', start: '10.9.1.0' };
    ipam.put('/v1/ranges/lan-n1', { ...range, end: '10.9.1.0' });
    const pod = await site().runPod();
    const condition = await networkOf(site());
    await pod.remove();
    ipam.put('/v1/ranges/lan-n1', { ...range, end: '10.9.1.255' });
    expect(condition.status).toBe(false);
    expect(condition.message).toMatch(/NOT_READY: node n1 has no free ipv4 address/);
    expect((await networkOf(site())).status).toBe(true);
  });

  test('the node is not ready while the master is missing, and says its name', async () => {
    const { containerd, network } = site();
    network.node.ip('link set eth0 down');
    network.node.ip('link set eth0 name lan0');
    try {
      const condition = await networkOf(site());
      expect(condition.status).toBe(false);
      expect(condition.message).toMatch(/NOT_READY: there is no interface eth0/);
    } finally {
      network.node.ip('link set lan0 name eth0');
      network.node.ip('link set eth0 up');
    }
    expect((await networkOf(site())).status).toBe(true);
    expect(containerd.calls().at(-1)?.command).toBe('STATUS');
  });
}

/** What any runtime makes of a conf list that changes under it. */
export function describeConfiguration(site: () => Site): void {
  afterEach(() => site().containerd.configure(confList(site().containerd.cniVersion)));

  test('a conf list written anew in place counts for pods to come', async () => {
    const { containerd } = site();
    await containerd.configure(confList(containerd.cniVersion, { mtu: 1400 }));
    expect(await mtuOfPod(site())).toBe(1400);
  });

  test('a conf list renamed within its folder counts for pods to come', async () => {
    const { containerd } = site();
    const conf = confList(containerd.cniVersion, { mtu: 1400 });
    containerd.prepare(conf);
    expect(await mtuOfPod(site())).toBe(1500);
    containerd.replace();
    await until('it is read', () => containerd.hasRead(conf));
    expect(await mtuOfPod(site())).toBe(1400);
  });
}

/** The MTU that a new pod gets. */
async function mtuOfPod(site: Site): Promise<number> {
  const pod = await site.runPod();
  await pod.startContainer();
  const link = await pod.exec('ip', 'link', 'show', 'eth0');
  await pod.remove();
  return Number(/mtu (\d+)/.exec(link)?.[1]);
}

/** NetworkReady, as kubelet reads it. */
export async function networkOf({ containerd }: Site): Promise<Condition> {
  const { status } = await containerd.cri.runtime('Status');
  return status.conditions.find(({ type }: { type: string }) => type === 'NetworkReady');
}
