import { describeAway } from './cases/away.ts';
import { describeDataPlanes } from './cases/data-plane.ts';
import { describeDualStack, describeLife } from './cases/life.ts';
import { describeConfiguration, networkOf } from './cases/readiness.ts';
import { describeRestart } from './cases/restart.ts';
import { confList } from './containerd.ts';
import { debianRelease } from './release.ts';
import { Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.start(debianRelease());
}, 900_000);

// A test that failed leaves the others a clean node.
afterEach(() => site.removePods());

afterAll(() => site?.remove());

test('it is containerd 1', async () => {
  expect((await site.containerd.cri.runtime('Version')).runtime_version).toMatch(/^1\./);
});

describeLife(() => site);
describeAway(() => site);
describeDataPlanes(() => site);
describeConfiguration(() => site);
describeRestart(() => site);

test('a conf list of 1.1.0 fails every pod here, and the node is called ready all the same', async () => {
  await site.containerd.configure(confList('1.1.0'));
  await expect(site.runPod()).rejects.toThrow('unsupported CNI result version "1.1.0"');
  expect((await networkOf(site)).status).toBe(true);
  await site.removePods();
  expect(site.remains()).toEqual([]);
  await site.containerd.configure(confList('1.0.0'));
  await site.runPod();
  expect(site.containerd.calls().map(({ command }) => command)).not.toContain('STATUS');
});

describeDualStack(() => site);
