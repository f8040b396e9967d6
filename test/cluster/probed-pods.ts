import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../server/until.ts';
import { type Workspace, waitMs } from './workspace.ts';

/** The file or the port by which a test lets a probe succeed. */
const switches = { started: 8081, ready: 8082, alive: 8083 } as const;
type Switch = keyof typeof switches;

/** Each way of asking a container: the probe, and what turns it on and off from within. */
const ways = {
  http: {
    probe: (name: Switch) => ({ httpGet: { path: `/tmp/${name}`, port: 8080 } }),
    on: (name: Switch) => `touch /tmp/${name}`,
    off: (name: Switch) => `rm /tmp/${name}`,
  },
  tcp: {
    probe: (name: Switch) => ({ tcpSocket: { port: switches[name] } }),
    on: (name: Switch) =>
      `agnhost test-webserver --port=${switches[name]} >/dev/null 2>&1 & echo $! > /tmp/${name}.pid`,
    off: (name: Switch) => `kill $(cat /tmp/${name}.pid)`,
  },
  exec: {
    probe: (name: Switch) => ({ exec: { command: ['test', '-f', `/tmp/${name}`] } }),
    on: (name: Switch) => `touch /tmp/${name}`,
    off: (name: Switch) => `rm /tmp/${name}`,
  },
} as const;
/** How a pod is probed. */
export const kinds = ['http', 'tcp', 'exec'] as const;

function probed(way: (typeof ways)[keyof typeof ways]): object {
  const often = { periodSeconds: 1, timeoutSeconds: 5 };
  return {
    command: ['sh', '-c', `echo began; ${way.on('alive')}\nexec agnhost test-webserver --port=8080`],
    args: [],
    startupProbe: { ...way.probe('started'), ...often, failureThreshold: 600 },
    readinessProbe: { ...way.probe('ready'), ...often, failureThreshold: 1 },
    livenessProbe: { ...way.probe('alive'), ...often, failureThreshold: 3 },
  };
}

/** On a node, a pod for each way of asking, and a Service before it. */
export function probedPods(space: Workspace, node: string): object[] {
  return kinds.flatMap((kind) => [
    space.pod(kind, { node, container: probed(ways[kind]) }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: kind, namespace: space.namespace },
      spec: { selector: { app: kind }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ]);
}

/** The life of such a pod: starts by its startup probe, is served while it is ready, is restarted when it is dead. */
export async function expectProbed(space: Workspace, kind: (typeof kinds)[number]): Promise<void> {
  const way = ways[kind];
  const turn = (words: string) => space.inPod(kind, words);
  const container = async () => (await space.getPod(kind)).status.containerStatuses?.[0] ?? {};

  /** What the Service `kind` leads to. */
  async function served(): Promise<string[]> {
    const { items } = await space.get(`endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${kind}`, {
      api: 'apis/discovery.k8s.io/v1',
    });
    // biome-ignore lint/suspicious/noExplicitAny: the API's object
    const endpoints = items.flatMap((each: any) => each.endpoints ?? []);
    return endpoints.filter(({ conditions }: { conditions: { ready: boolean } }) => conditions.ready);
  }

  /** Whether who asks the Service from the overlay node gets an answer. */
  async function answers(): Promise<boolean> {
    const { clusterIP } = (await space.get(`services/${kind}`)).spec;
    const words = ['curl', '-s', '-o', '/dev/null', '--max-time', '5', `http://${clusterIP}/etc/passwd`];
    return (await space.cluster.node('over-1').enter(words)).status === 0;
  }

  await until('it runs', async () => (await container()).state?.running !== undefined, waitMs);
  expect(await container()).toMatchObject({ started: false, ready: false, restartCount: 0 });

  await turn(way.on('started'));
  await until('it has started', async () => (await container()).started, waitMs);
  expect(await container()).toMatchObject({ ready: false, restartCount: 0 });
  expect(await served()).toEqual([]);
  expect(await answers()).toBe(false);

  await turn(way.on('ready'));
  await until('its Service leads to it', async () => (await served()).length === 1, waitMs);
  await until('its Service answers', answers, waitMs);

  await turn(way.off('ready'));
  await until('its Service leads nowhere', async () => (await served()).length === 0, waitMs);
  await until('its Service does not answer', async () => !(await answers()), waitMs);
  expect((await container()).restartCount).toBe(0);

  const { podIP } = (await space.getPod(kind)).status;
  await turn(way.off('alive'));
  await until('it was restarted', async () => (await container()).restartCount === 1, waitMs);
  expect(await space.eventOf(kind, ({ reason }) => reason === 'Unhealthy')).toMatch(/probe failed/i);
  expect((await space.getPod(kind)).status.podIP).toBe(podIP);
}

/** `logs`, `exec` and `port-forward` to a pod of `probedPods`. */
export async function expectReachedByKubectl(space: Workspace): Promise<void> {
  await until(
    'it runs',
    async () => (await space.getPod('exec')).status.containerStatuses?.[0]?.state?.running !== undefined,
    waitMs,
  );
  expect(await space.kubectl('logs', 'exec')).toContain('began');
  const { podIP } = (await space.getPod('exec')).status;
  expect((await space.inPod('exec', 'hostname -i')).trim()).toBe(podIP);
  const { entering, kubectl, folder } = space.cluster.way;
  const [program = '', ...words] = [
    ...[...entering, kubectl, '--kubeconfig', `${folder}/admin.kubeconfig`, '-n', space.namespace],
    ...['port-forward', 'pod/exec', ':8080'],
  ];
  const forward = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface({ input: forward.stdout }), 'line');
    const port = /127\.0\.0\.1:(\d+) -> 8080/.exec(line)?.[1];
    const seen = space.cluster.controlPlane.machine.host.run('curl', [
      ...['-sS', '--max-time', '60', `http://127.0.0.1:${port}/etc/passwd`],
    ]);
    expect(seen.stdout).toContain('root:x:0:0');
  } finally {
    forward.kill();
    await once(forward, 'close');
  }
}
