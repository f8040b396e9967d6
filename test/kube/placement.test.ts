import fc from 'fast-check';
import { missing } from '../webhook/arbitrary/contains.ts';
import { isWanted, mayLand } from '../webhook/arbitrary/expected.ts';
import { type AnyPod, pods } from '../webhook/arbitrary/pod.ts';
import { everyNode, node } from '../webhook/arbitrary/requirement.ts';
import { policyOf, zoneFile } from '../webhook/arbitrary/zone.ts';
import { fits } from '../webhook/scheduler/fits.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeServiceAccount } from './objects.ts';
import { WebhookSite } from './webhook-site.ts';

/** So many pods that the API server takes are sent through the webhook. */
const wanted = 200;
const seed = Date.now() % 1_000_000;

const zones = fc.sample(zoneFile, { numRuns: 8, seed }).map((file, index) => ({ name: `z${index}`, file }));

let cluster: Cluster;
let site: WebhookSite;

beforeAll(async () => {
  cluster = await Cluster.start();
  const policy = { zones: Object.fromEntries(zones.map(({ name, file }) => [name, file])), default: 'none' };
  site = await WebhookSite.open(cluster, JSON.stringify(policy));
  // Required: a webhook that does not answer must not pass for one that changes nothing.
  await makeNamespace(cluster, 'shop', { 'realip.io/placement': 'required' });
  await makeServiceAccount(cluster, 'shop', 'default');
  await site.start();
}, firstStartMs);
afterAll(async () => {
  await site?.close();
  await cluster?.stop();
}, startMs);

/** A generated pod with what the API server asks of every pod, and labels of the test's own. */
function complete({ spec }: AnyPod, labels: Record<string, string>): AnyPod {
  const named = (containers: AnyPod['spec']['containers'], prefix: string) =>
    (containers ?? []).map((each, index) => ({ ...each, name: `${prefix}${index}`, image: 'none' }));
  const containers = named(spec.containers?.length ? spec.containers : [{}], 'c');
  const more = {
    automountServiceAccountToken: false,
    containers,
    initContainers: named(spec.initContainers, 'i'),
  };
  return { metadata: { name: 'generated', labels }, spec: { ...spec, ...more } } as AnyPod;
}

/** What the API server makes of a pod; nothing is stored. A webhook that a busy machine keeps waiting is asked again. */
async function dryRun(pod: AnyPod): ReturnType<Cluster['call']> {
  for (let tries = 0; ; tries++) {
    const answer = await cluster.call('POST', '/api/v1/namespaces/shop/pods?dryRun=All', pod);
    if (tries === 20 || !/failed calling webhook/.test(answer.body.message ?? '')) {
      return answer;
    }
  }
}

test(
  `what the API server takes it takes placed, too, and the pod then fits what it should (seed ${seed})`,
  async () => {
    const nodes = fc.sample(node, { numRuns: 60, seed });
    let taken = 0;
    let denied = 0;
    for (const pod of fc.sample(pods({ isStrange: false }), { numRuns: 3_000, seed })) {
      if (taken + denied >= wanted) {
        break;
      }
      const asWritten = complete(pod, { 'realip.io/inject': 'false' });
      const { status: statusUnplaced, body: unplaced } = await dryRun(asWritten);
      if (statusUnplaced !== 201) {
        continue;
      }
      const { name = '', file = {} } = zones[(taken + denied) % zones.length] ?? {};
      const { zone } = policyOf(file);
      const placed = complete(pod, { 'realip.io/zone': name });
      const { status, body } = await dryRun(placed);
      if (status !== 201) {
        denied++;
        expect([asWritten, body.message]).toEqual([
          asWritten,
          expect.stringContaining('POD_ZONE_CONTRADICTION'),
        ]);
        expect(body.message).toContain(`zone "${name}"`);
        expect(everyNode.filter((each) => isWanted(zone, pod.spec, each))).toEqual([]);
        continue;
      }
      taken++;
      expect(body.metadata.annotations['realip.io/placed-by']).toBe('pod');
      expect(missing({ ...unplaced.spec, dnsPolicy: null }, body.spec)).toBeNull();
      const own = placed.spec;
      expect(nodes.filter((each) => fits(body.spec, each) !== mayLand(zone, own, each))).toEqual([]);
      // What is placed already stays as it is.
      const again = {
        metadata: { ...placed.metadata, annotations: body.metadata.annotations },
        spec: body.spec,
      };
      expect((await dryRun(again as AnyPod)).body.spec).toEqual(body.spec);
    }
    expect(taken + denied).toBeGreaterThanOrEqual(wanted);
    expect(taken).toBeGreaterThan(wanted / 4);
  },
  startMs * 4,
);
