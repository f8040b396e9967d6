import { LiveCluster } from './live-cluster.ts';
import { Cast } from './traffic/cast.ts';
import { scenes } from './traffic/scenes.ts';

let cluster: LiveCluster;
let cast: Cast;

beforeAll(async () => {
  cluster = await LiveCluster.shared();
  cast = await Cast.gather(cluster, 'traffic');
}, 900_000);

afterAll(async () => {
  await cast?.dismiss();
  cluster?.close();
}, 300_000);

describe.each(scenes)('$title', ({ checks }) => {
  test.each(checks)(
    '$title',
    async ({ see }) => {
      expect(await see(cast)).not.toBe('');
    },
    900_000,
  );
});
