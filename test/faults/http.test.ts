import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import type { Answer } from '../kernel/plugin.ts';
import { BrokenServers, certify } from './broken-servers.ts';
import { Stage } from './stage.ts';

let stage: Stage;
let broken: BrokenServers;
beforeAll(async () => {
  stage = await Stage.open({ duplicateDetection: false });
  broken = await BrokenServers.start(stage.network.node, stage.folder, 8080);
});
afterAll(async () => {
  await broken?.stop();
  await stage?.close();
});

/** Time for all calls together; the bound that ends a hanging plugin is far beyond, lest a busy machine decide. */
const timeoutMs = 500;
const bounded = () => ['timeout', `${Math.ceil(10 * slowness())}`];

function ipam(change: object): object {
  return { ...(stage.plugin.conf['ipam'] as object), timeoutMs, ...change };
}

/** What is wrong with an answer that must be the one JSON object of an error that the runtime tries again after. */
function faultsOf({ status, stdout, json }: Answer): string[] {
  return status === 1 && json.code === 11 ? [] : [`status ${status}: ${stdout}`];
}

test.each(['http', 'https'] as const)(
  'whatever answers by %s: ADD ends in time by code 11 and leaves nothing, DEL succeeds',
  (scheme) => {
    const { plugin, network } = stage;
    const wrong: string[] = [];
    for (const name of broken.names) {
      const id = `${scheme}-${name}`;
      const pod = network.pod(id);
      const conf = { ipam: ipam({ server: broken.url(name, scheme), caFile: broken.caFile }) };
      const note = (words: string[]) => wrong.push(...words.map((each) => `${id}: ${each}`));
      note(faultsOf(plugin.add(id, pod, { conf, under: bounded() })));
      note(stage.leftovers(pod));
      const { status, stdout } = plugin.del(id, pod.path, { conf, under: bounded() });
      note(status === 0 && stdout === '' ? [] : [`DEL: ${status} ${stdout}`]);
      pod.remove();
    }
    // What the real server has done unheard, and what waits in the journal.
    const last = network.pod(`${scheme}-last`);
    wrong.push(...(plugin.add('last', last).status === 0 ? [] : ['no ADD afterwards']));
    plugin.del('last', last.path);
    expect(wrong).toEqual([]);
    expect(stage.ipam.holders()).toEqual([]);
  },
  300_000,
);

test('a pod of better days is taken away while the server fails in any way, and its address is free afterwards', () => {
  const { plugin, network } = stage;
  const wrong: string[] = [];
  for (const name of broken.names) {
    const id = `living-${name}`;
    const pod = network.pod(id);
    const { status, json: prevResult } = plugin.add(id, pod);
    expect(status).toBe(0);
    const conf = { ipam: ipam({ server: broken.url(name, 'http') }), prevResult };
    const del = plugin.del(id, pod.path, { conf, under: bounded() });
    wrong.push(...(del.status === 0 ? [] : [`${id}: DEL ${del.status} ${del.stdout}`]));
    wrong.push(...stage.leftovers(pod).map((each) => `${id}: ${each}`));
    pod.remove();
  }
  plugin.del('drain', '');
  expect(wrong).toEqual([]);
  expect(stage.ipam.holders()).toEqual([]);
}, 300_000);

test('a certificate of a stranger, of another name, and none at all end in code 11', () => {
  const { plugin, network } = stage;
  certify(join(stage.folder, 'stranger'));
  const server = broken.url('error-json', 'https');
  const cases = {
    stranger: { server, caFile: join(stage.folder, 'stranger.crt') },
    'another name': { server: server.replace('127.0.0.1', '127.0.0.2'), caFile: broken.caFile },
    'no TLS': { server: broken.url('error-json', 'http').replace('http', 'https'), caFile: broken.caFile },
    'TLS in the clear': { server: server.replace('https', 'http') },
    refused: { server: 'http://127.0.0.1:1' },
  };
  for (const [name, change] of Object.entries(cases)) {
    const pod = network.pod(name.replaceAll(' ', '-'));
    const answer = plugin.add('certificate', pod, { conf: { ipam: ipam(change) }, under: bounded() });
    expect([name, faultsOf(answer), stage.leftovers(pod)]).toEqual([name, [], []]);
    pod.remove();
  }
});

test('a working server behind a failing one is found', () => {
  const { plugin, network } = stage;
  for (const name of ['silent', 'reset-asked', 'error-html', 'page-200', 'half-after']) {
    const pod = network.pod(`second-${name}`);
    const server = [broken.url(name, 'http'), 'http://127.0.0.1:8080'];
    const conf = { ipam: ipam({ server, timeoutMs: 4000 }) };
    const { status, stdout } = plugin.add('second', pod, { conf });
    expect([name, status, stdout]).toEqual([name, 0, expect.any(String)]);
    expect(plugin.del('second', pod.path, { conf }).status).toBe(0);
    pod.remove();
  }
  expect(stage.ipam.holders()).toEqual([]);
});
