import { until } from '../server/until.ts';
import { AdminShell } from './install/admin-shell.ts';
import { readGuide, type Step } from './install/guide.ts';
import { tracesOf } from './install/traces.ts';
import { LiveCluster } from './live-cluster.ts';

let cluster: LiveCluster;
beforeAll(async () => {
  const name = `${process.env['REALIP_CLUSTER'] ?? 'test'}-bare`;
  cluster = await LiveCluster.up({ name, bare: true, tell: (line) => process.stderr.write(`${line}\n`) });
}, 900_000);
afterAll(() => cluster?.down(), 300_000);

test('docs/install.md leads from a bare cluster to a pod that the office reaches, and back to a cluster with nothing left', async () => {
  const shell = new AdminShell(cluster.way);
  const seats = {
    office: ['nsenter', `--net=${cluster.office.path}`],
    'ledger-node': cluster.node('over-1').machine.entering,
  };
  const guide = readGuide();
  const uninstall = guide.findIndex(({ section }) => section === 'Uninstall');
  expect(uninstall).toBeGreaterThan(5);
  const typeAll = async (steps: readonly Step[]) => {
    for (const step of steps) {
      const said = await shell.type(step, seats);
      if (step.seat === 'office') {
        expect(said).toMatch(/^hello-/);
      }
    }
  };
  const before = await tracesOf(cluster);
  shell.open();
  await typeAll(guide.slice(0, uninstall));
  const between = await tracesOf(cluster);
  for (const trace of [
    'Namespace <none> realip-system',
    'mac-1 taint realip.io/zone-type',
    'mac-1: realip',
  ]) {
    expect(between).toContain(trace);
  }
  await typeAll(guide.slice(uninstall));
  // The kubelet takes the logs of pods that have gone away after a while, and looks at its capacity each few seconds.
  let left: string[] = [];
  await until(
    'nothing is left',
    async () => {
      left = (await tracesOf(cluster)).filter((trace) => !before.includes(trace));
      return left.length === 0;
    },
    180_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}:\n${left.join('\n')}`);
  });
  // But for files of our name: the machine beneath may have had some, and they went with the state.
  const after = await tracesOf(cluster);
  expect(before.filter((trace) => !after.includes(trace) && !/^[^ ]+: \/.*realip/.test(trace))).toEqual([]);
}, 1_800_000);
