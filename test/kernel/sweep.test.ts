import { Network } from './network.ts';

const program = new URL('../../dist/realip', import.meta.url).pathname;
let network: Network;

beforeAll(() => {
  network = new Network();
});
afterAll(() => network?.remove());

const sweep = (...words: string[]) => network.node.run(program, ['sweep', ...words]);

test('a sweep finds every host of both families with its MAC, among many that are free', () => {
  for (const number of [1, 50, 51, 52, 53, 54, 200]) {
    network.other.ip(`address add 10.9.8.${number}/32 dev eth0`);
  }
  const [{ address: mac } = {}] = network.other.ask('link show eth0');
  const { status, stdout } = sweep('--range', '10.9.8.0-10.9.8.255', '--master', 'eth0');
  expect(stdout.trim().split('\n')).toEqual([1, 50, 51, 52, 53, 54, 200].map((n) => `10.9.8.${n} ${mac}`));
  expect(status).toBe(0);
  const six = sweep('--range', 'fd00:9::90-fd00:9::a0', '-o', 'json');
  expect(JSON.parse(six.stdout)).toEqual([{ ip: 'fd00:9::99', mac }]);
  expect(sweep('--range', '10.9.9.9')).toMatchObject({ status: 0, stdout: '' });
});

test.each([
  [['--range', '10.9.8.9-10.9.8.1'], /is above the last/],
  [['--range', '10.0.0.0-10.1.0.0'], /more than 65536 addresses/],
  [['--range', '10.9.8.1', '--master', 'eth9'], /there is no eth9/],
  [['--range', '10.9.8.1', '--master', 'lo'], /lo is /],
])('a sweep of %j says why it could not ask', (words, reason) => {
  const { status, stderr } = sweep(...words);
  expect(stderr).toMatch(reason);
  expect(status).toBe(1);
});
