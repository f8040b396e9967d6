import { describeAway } from './cases/away.ts';
import { describeDataPlanes } from './cases/data-plane.ts';
import { describeDualStack, describeLife } from './cases/life.ts';
import { describeConfiguration, describeReadiness } from './cases/readiness.ts';
import { describeRestart } from './cases/restart.ts';
import { builtRelease } from './release.ts';
import { Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.start(builtRelease());
}, 900_000);

// A test that failed leaves the others a clean node.
afterEach(() => site.removePods());

afterAll(() => site?.remove());

test('it is containerd 2', async () => {
  expect((await site.containerd.cri.runtime('Version')).runtime_version).toMatch(/^2\./);
});

describeLife(() => site);
describeAway(() => site);
describeDataPlanes(() => site);
describeConfiguration(() => site);
describeReadiness(() => site);
describeRestart(() => site);

describeDualStack(() => site);
