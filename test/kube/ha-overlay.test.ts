import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { judgeConf } from '../../cni/preflight/conf.ts';
import { parseFlags } from '../../ipam-server/flags.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { firstStartMs } from './cluster.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of the API
type KubeObject = any;

/** The objects of an overlay, as kubectl would apply them. */
function objectsOf(overlay: string): KubeObject[] {
  const folder = join(import.meta.dirname, '../../manifests/overlays', overlay);
  const text = execFileSync(join(goPart(kubernetes), 'kubectl'), ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS());
}

let objects: KubeObject[];
let single: KubeObject[];
beforeAll(() => {
  objects = objectsOf('ha');
  single = objectsOf('single');
}, firstStartMs);

const find = (all: KubeObject[], kind: string, name: string): KubeObject =>
  all.find((each) => each.kind === kind && each.metadata.name.startsWith(name));
const server = (all: KubeObject[]) => find(all, 'Deployment', 'realip-ipam-server').spec;

/** A container's arguments with the variables that its environment has, as the kubelet puts them in. */
function argsOf({ args, env }: KubeObject, address: string): string[] {
  const values = new Map<string, string>(
    env.map(({ name, valueFrom: { fieldRef, configMapKeyRef: ref } }: KubeObject) => [
      name,
      fieldRef?.fieldPath === 'status.hostIP' ? address : find(objects, 'ConfigMap', ref.name).data[ref.key],
    ]),
  );
  return args.map((arg: string) => arg.replace(/\$\((\w+)\)/g, (_, name) => values.get(name) ?? ''));
}

test('servers on etcd run on different nodes, in different rooms where there are any, and one at a time ends', () => {
  const { replicas, strategy, template } = server(objects);
  const labels = { 'app.kubernetes.io/name': 'realip-ipam-server' };
  expect({ replicas, strategy }).toEqual({
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  });
  expect(template.metadata.labels).toMatchObject(labels);
  const term = (topologyKey: string) => ({ topologyKey, labelSelector: { matchLabels: labels } });
  expect(template.spec.affinity.podAntiAffinity).toEqual({
    requiredDuringSchedulingIgnoredDuringExecution: [term('kubernetes.io/hostname')],
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, podAffinityTerm: term('topology.kubernetes.io/zone') },
    ],
  });
  expect(find(objects, 'PodDisruptionBudget', 'realip-ipam-server').spec).toEqual({
    maxUnavailable: 1,
    selector: { matchLabels: labels },
  });
});

test('a server’s flags are known to it, and lead to etcd and to itself', () => {
  const [container] = server(objects).template.spec.containers;
  const flags = parseFlags(argsOf(container, '10.9.0.13'));
  expect(flags).toMatchObject({
    kube: true,
    advertiseUrl: 'https://10.9.0.13:8443',
    etcdCa: '/etc/realip/etcd/ca.crt',
  });
  expect(flags.store).toBe('etcd:https://10.9.0.21:2379,https://10.9.0.22:2379,https://10.9.0.23:2379');
  expect(() => etcdPlace(flags.store.replace('etcd:', ''), { etcdPrefix: '/realip/' })).not.toThrow();
});

test('nothing of a server is on its node, and it is not root', () => {
  const { containers, volumes } = server(objects).template.spec;
  const [{ securityContext, volumeMounts }] = containers;
  expect(securityContext).toMatchObject({ runAsUser: 65532, capabilities: { drop: ['ALL'] } });
  expect(volumes.filter(({ hostPath }: KubeObject) => hostPath !== undefined)).toEqual([]);
  const names = (items: { name: string }[]) => items.map(({ name }) => name).sort();
  expect(names(volumeMounts)).toEqual(names(volumes));
  expect(volumes[0]).toEqual({ name: 'etcd', secret: { secretName: 'realip-ipam-etcd' } });
});

test('it is probed, placed and protected as the one on SQLite', () => {
  const specOf = (all: KubeObject[]) => server(all).template.spec;
  const [ha, one] = [specOf(objects), specOf(single)];
  const rest = (spec: KubeObject) => {
    const { affinity, containers, volumes, ...others } = spec;
    const [{ args, env, securityContext, volumeMounts, ...container }] = containers;
    return { ...others, container, securityContext: { ...securityContext, runAsUser: 0 } };
  };
  expect(rest(ha)).toEqual(rest(one));
  // A take-over takes seconds: a follower is ready through it (/readyz), and nobody is ended for it (/healthz).
  expect(ha.containers[0].readinessProbe.httpGet.path).toBe('/readyz');
  expect(ha.containers[0].livenessProbe.httpGet.path).toBe('/healthz');
});

test('agents and plugin have every server’s URL, and whatever else differs is the servers’ alone', () => {
  const conf = find(objects, 'ConfigMap', 'realip-conf').data;
  const ofSingle = find(single, 'ConfigMap', 'realip-conf').data;
  for (const name of ['00-realip.conflist', 'ptp.conflist']) {
    expect(judgeConf(name, conf[name]).findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    const list = JSON.parse(conf[name]);
    const { server: urls } = list.plugins[0].ipam;
    expect(urls).toEqual(['https://10.9.0.13:8443', 'https://10.9.0.14:8443']);
    list.plugins[0].ipam.server = urls[0];
    expect(list).toEqual(JSON.parse(ofSingle[name]));
  }
  const webhook = find(objects, 'Deployment', 'realip-webhook').spec.template.spec.containers[0];
  expect(webhook.args).toContain('--ipam-server=https://realip-ipam-server.realip-system.svc:8443');
  const rights = (all: KubeObject[]) =>
    all.filter(({ kind }) => /Role|ServiceAccount|Webhook/.test(kind)).map((each) => JSON.stringify(each));
  expect(rights(objects)).toEqual(rights(single));
});
