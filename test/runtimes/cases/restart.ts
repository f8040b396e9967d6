import { setTimeout as sleep } from 'node:timers/promises';
import { confList } from '../containerd.ts';
import type { Site } from '../site.ts';
import { until } from '../until.ts';

/** What stays and what goes when containerd ends under its pods. */
export function describeRestart(site: () => Site): void {
  test('pods keep their addresses over a restart of the runtime, and are removed cleanly after it', async () => {
    const pods = await Promise.all(Array.from({ length: 4 }, () => site().runPod()));
    await Promise.all(pods.map((pod) => pod.startContainer()));
    const ips = await Promise.all(pods.map((pod) => pod.ip()));
    // These are on their way when it ends: some are made, some not.
    const underway = Array.from({ length: 6 }, () => site().runPod());
    const started = Promise.allSettled(underway);
    await Promise.any([...underway, sleep(60)]);
    await site().containerd.end('TERM');
    await started;
    expect(ips.filter((ip) => !site().network.other.reaches(ip))).toEqual([]);
    await site().containerd.start();
    for (const [index, pod] of pods.entries()) {
      expect(await pod.ip()).toBe(ips[index]);
      expect(await pod.exec('ip', '-4', 'address', 'show', 'eth0')).toContain(`inet ${ips[index]}/16 `);
    }
    await site().removePods();
    expect(site().remains()).toEqual([]);
  });

  test('a pod whose runtime is killed within ADD leaves nothing once the next runtime removes it', async () => {
    const { containerd, ipam } = site();
    ipam.pause();
    try {
      const run = expect(site().runPod()).rejects.toThrow();
      await until('the plugin runs', () => containerd.hasRunningPlugin());
      await containerd.end('KILL');
      await run;
      expect(containerd.hasRunningPlugin()).toBe(true);
    } finally {
      ipam.resume();
    }
    await until('the orphan is done', () => !containerd.hasRunningPlugin());
    await containerd.start();
    await site().removePods();
    expect(site().remains()).toEqual([]);
  });

  test('a runtime killed at any moment of pods’ starts leaves nothing once the next one removed them', async () => {
    for (const moment of moments) {
      const runs = Promise.allSettled([site().runPod(), site().runPod(), site().runPod()]);
      await sleep(moment);
      await killAndRemove(site(), runs);
    }
  });

  test('a runtime killed at any moment of pods’ ends leaves nothing once the next one removed them', async () => {
    for (const moment of moments) {
      const pods = await Promise.all([site().runPod(), site().runPod(), site().runPod()]);
      const removals = Promise.allSettled(pods.map((pod) => pod.remove()));
      await sleep(moment);
      await killAndRemove(site(), removals);
    }
  });

  test('an ADD that is done after its pod was removed leaves nothing, for nobody took its result', async () => {
    const { containerd, ipam } = site();
    // It waits long, and DEL doesn't.
    await containerd.configure(confList(containerd.cniVersion, {}, { timeoutMs: 20_000 }));
    ipam.pause();
    try {
      const run = expect(site().runPod()).rejects.toThrow();
      await until('the plugin runs', () => containerd.hasRunningPlugin());
      await containerd.end('KILL');
      await run;
      containerd.write(confList(containerd.cniVersion));
      await containerd.start();
      await site().removePods();
      expect(containerd.hasRunningPlugin()).toBe(true);
    } finally {
      ipam.resume();
    }
    await until('the orphan is done', () => !containerd.hasRunningPlugin());
    expect(site().remains()).toEqual([]);
    await (await site().runPod()).remove();
    expect(site().waitingReleases()).toEqual([]);
  });

  test('GC takes what the runtime forgot, and leaves what it knows', async () => {
    const { containerd, network, ipam } = site();
    const forgotten = await Promise.all([site().runPod(), site().runPod()]);
    await containerd.end('KILL');
    containerd.loseMemory();
    await containerd.start();
    const pod = await site().runPod();
    expect(ipam.allocated()).toHaveLength(1 + forgotten.length);
    containerd.collectGarbage([pod]);
    expect(ipam.allocated()).toEqual([await pod.ip()]);
    expect(network.node.ask('route show proto 82').map(({ dst }) => dst)).toEqual([await pod.ip()]);
    expect(network.other.reaches(await pod.ip())).toBe(true);
    await pod.remove();
    expect(site().remains()).toEqual([]);
  });

  test('the runtime never calls GC', async () => {
    expect(
      site()
        .containerd.calls()
        .map(({ command }) => command),
    ).not.toContain('GC');
  });
}

/** Milliseconds: from before the plugin runs until after it. */
const moments = [10, 35, 60, 90, 120];

async function killAndRemove(site: Site, underway: Promise<unknown>): Promise<void> {
  const { containerd } = site;
  await containerd.end('KILL');
  await underway;
  await until('no orphan runs', () => !containerd.hasRunningPlugin());
  await containerd.start();
  await site.removePods();
  expect(site.remains()).toEqual([]);
}
