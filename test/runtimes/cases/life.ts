import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Pod } from '../pod.ts';
import { busyboxFile } from '../release.ts';
import type { Site } from '../site.ts';

/** A pod's life when nothing goes wrong. */
export function describeLife(site: () => Site): void {
  test('runtime, ledger and container agree on a pod and its address, and the LAN reaches it', async () => {
    const { network, ipam } = site();
    const pod = await site().runPod();
    await pod.startContainer();
    const ip = await pod.ip();
    expect(ipam.allocated()).toEqual([ip]);
    expect(ipam.records()).toMatchObject([{ containerId: pod.id, pod: pod.identity }]);
    expect(await pod.exec('ip', '-4', 'address', 'show', 'eth0')).toContain(`inet ${ip}/16 `);
    expect(network.other.reaches(ip)).toBe(true);
    await pod.exec('httpd', '-p', '8000', '-h', '/bin');
    // From a host of the LAN, and from the node itself as kubelet's probes do.
    for (const host of [network.other, network.node]) {
      const got = host.run(busyboxFile(), ['wget', '-q', '-O', '-', `http://${ip}:8000/busybox`]);
      expect(got.stdout.length).toBeGreaterThan(100_000);
    }
    await pod.remove();
    expect(network.other.reaches(ip)).toBe(false);
    expect(site().remains()).toEqual([]);
    expect(site().namespaces()).toEqual([]);
  });

  test('a container speaks to a host of the LAN from its own address', async () => {
    const { other } = site().network;
    const pod = await site().runPod();
    await pod.startContainer();
    // It answers with the address that it sees.
    const echo =
      'require("net").createServer((s) => s.end(s.remoteAddress)).listen(9000, "0.0.0.0", () => console.log(1))';
    const server = other.start(process.execPath, ['-e', echo]);
    try {
      await once(server.stdout as Readable, 'data');
      expect(await pod.exec('nc', '10.9.0.99', '9000')).toBe(await pod.ip());
    } finally {
      server.kill();
    }
    await pod.remove();
    expect(site().remains()).toEqual([]);
  });

  test('fifty pods are run, asked and removed, ten at a time, and nothing is left', async () => {
    const pods: Pod[] = [];
    await tenAtATime(50, async () => {
      const pod = await site().runPod();
      pods.push(pod);
      await pod.startContainer();
      expect(await pod.exec('ip', '-4', 'address', 'show', 'eth0')).toContain(`inet ${await pod.ip()}/16 `);
    });
    const ips = await Promise.all(pods.map((pod) => pod.ip()));
    expect(ips.toSorted()).toEqual(site().ipam.allocated().toSorted());
    expect(new Set(ips).size).toBe(50);
    expect(ips.filter((ip) => !site().network.other.reaches(ip))).toEqual([]);
    await tenAtATime(50, (index) => (pods[index] as Pod).remove());
    expect(site().remains()).toEqual([]);
    expect(site().namespaces()).toEqual([]);
  }, 180_000);

  test('a pod’s annotation asks for its address', async () => {
    const pod = await site().runPod({ annotations: { 'realip.io/addresses': '10.9.1.177' } });
    expect(await pod.ip()).toBe('10.9.1.177');
    await pod.remove();
    expect(site().remains()).toEqual([]);
  });

  test('DEL comes twice, the second time without a namespace', async () => {
    const pod = await site().runPod();
    await pod.remove();
    const calls = site()
      .containerd.calls()
      .filter(({ containerId }) => containerId === pod.id);
    expect(calls.map(({ command, netns }) => [command, netns !== ''])).toEqual([
      ['ADD', true],
      ['DEL', true],
      ['DEL', false],
    ]);
  });
}

/** With ranges of both families from here on. */
export function describeDualStack(site: () => Site): void {
  test('a pod has an address of either family in the eyes of its runtime', async () => {
    site().ipam.prepareIpv6();
    const pod = await site().runPod();
    await pod.startContainer();
    const ips = await pod.ips();
    expect(ips).toEqual([expect.stringMatching(/^10\.9\.1\./), expect.stringMatching(/^fd00:9::1:/)]);
    expect(ips.toSorted()).toEqual(site().ipam.allocated().toSorted());
    expect(await pod.exec('ip', '-6', 'address', 'show', 'eth0')).toContain(`inet6 ${ips[1]}/64 `);
    expect(ips.filter((ip) => !site().network.other.reaches(ip))).toEqual([]);
    await pod.remove();
    expect(site().remains()).toEqual([]);
  });
}

async function tenAtATime(count: number, act: (index: number) => Promise<void>): Promise<void> {
  const rest = Array.from({ length: count }, (_, index) => index);
  const work = async () => {
    for (let index = rest.shift(); index !== undefined; index = rest.shift()) {
      await act(index);
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
}
