import { confList } from '../containerd.ts';
import { busyboxFile } from '../release.ts';
import type { Site } from '../site.ts';

/** Pods behind their node, by themselves and beside others. */
export function describeDataPlanes(site: () => Site): void {
  test('with ptp and portmap, a hostPort of the node leads the LAN to the pod', async () => {
    const { containerd, network } = site();
    const { plugins, ...list } = confList(containerd.cniVersion, { dataplane: 'ptp' });
    const portmap = { type: 'portmap', backend: 'nftables', capabilities: { portMappings: true } };
    await containerd.configure({ ...list, plugins: [...plugins, portmap] });
    try {
      const pod = await site().runPod({ portMappings: [{ container_port: 8000, host_port: 8081 }] });
      await pod.startContainer();
      await pod.exec('httpd', '-p', '8000', '-h', '/bin');
      const got = network.other.run(busyboxFile(), [
        'wget',
        '-q',
        '-O',
        '-',
        'http://10.9.0.11:8081/busybox',
      ]);
      expect(got.stdout.length).toBeGreaterThan(100_000);
      expect(network.other.reaches(await pod.ip())).toBe(true);
      expect(network.other.neighbour(await pod.ip())).toBe(network.other.neighbour('10.9.0.11'));
      await pod.remove();
      expect(site().remains()).toEqual([]);
    } finally {
      await containerd.configure(confList(containerd.cniVersion));
    }
  });

  test('pods that began under one data plane end under another, and nothing is left', async () => {
    const { containerd } = site();
    const onLan = await site().runPod();
    await containerd.configure(confList(containerd.cniVersion, { dataplane: 'ptp' }));
    try {
      const behindNode = await site().runPod();
      expect(site().network.node.ask('link show type veth')).toHaveLength(2);
      await onLan.remove();
      expect(site().ipam.allocated()).toEqual([await behindNode.ip()]);
      await containerd.configure(confList(containerd.cniVersion));
      await behindNode.remove();
      expect(site().remains()).toEqual([]);
    } finally {
      await containerd.configure(confList(containerd.cniVersion));
    }
  });
}
