import type { Site } from '../site.ts';

/** What a runtime makes of an IPAM server that is away. */
export function describeAway(site: () => Site): void {
  test('a pod without server fails in our words, leaves nothing, and starts once the server is back', async () => {
    await site().ipam.stop();
    await expect(site().runPod()).rejects.toThrow(/IPAM_AWAY/);
    expect(site().containerd.calls().at(-1)?.command).toBe('DEL');
    await site().restartIpam();
    await site().removePods();
    const pod = await site().runPod();
    await pod.remove();
    expect(site().remains()).toEqual([]);
  });

  test('a pod whose server hangs leaves nothing, though the server does late what it was asked', async () => {
    site().ipam.pause();
    try {
      await expect(site().runPod()).rejects.toThrow(/IPAM_AWAY/);
    } finally {
      site().ipam.resume();
    }
    await site().removePods();
    const pod = await site().runPod();
    await pod.remove();
    expect(site().remains()).toEqual([]);
  });

  test('a pod is removed while the server hangs, and its address is free with the next pod', async () => {
    const pod = await site().runPod();
    const ip = await pod.ip();
    site().ipam.pause();
    try {
      await pod.remove();
    } finally {
      site().ipam.resume();
    }
    expect(site().network.other.reaches(ip)).toBe(false);
    const next = await site().runPod();
    expect(site().ipam.allocated()).toEqual([await next.ip()]);
    await next.remove();
    expect(site().remains()).toEqual([]);
    expect(site().waitingReleases()).toEqual([]);
  });
}
