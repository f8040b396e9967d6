import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node, undefined, '--log-level', 'debug');
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.0' });
  plugin = new Plugin(network.node, { duplicateDetection: false });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const first = '5f0c2a9b1c3d4e5f60718293a4b5c6d7';
const second = '77777777777777777777777777777777';

/** The server's lines about one request of the plugin. */
async function linesOf(id: RegExp, method: string): Promise<Record<string, unknown>[]> {
  for (;;) {
    const lines = ipam.log().filter(({ request }) => typeof request === 'string' && id.test(request));
    if (lines.some((line) => line['method'] === method)) {
      return lines;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('ADD and DEL are found in the server’s log by the container’s id', async () => {
  const pod = network.pod('a');
  expect(plugin.add(first, pod).status).toBe(0);
  expect(await linesOf(/^add-5f0c2a9b1c3d4-\w+$/, 'POST')).toContainEqual(
    expect.objectContaining({ url: '/v1/allocations', status: 201 }),
  );
  expect(ipam.log()).toContainEqual(
    expect.objectContaining({
      message: 'allocated',
      addresses: ['10.9.1.0'],
      node: 'n1',
      containerId: first,
      request: expect.stringMatching(/^add-5f0c2a9b1c3d4-/),
    }),
  );
  expect(plugin.del(first, pod.path).status).toBe(0);
  expect(await linesOf(/^del-5f0c2a9b1c3d4-\w+$/, 'DELETE')).toContainEqual(
    expect.objectContaining({ status: 204 }),
  );
});

test('an ADD that the server refuses tells its request, by which the server’s log has it', async () => {
  expect(plugin.add(first, network.pod('b')).status).toBe(0);
  const { status, json } = plugin.add(second, network.pod('c'));
  expect([status, json.code]).toEqual([1, 11]);
  const [, id = ''] = /\[request (add-7777777777777-\w+)\]/.exec(json.msg) ?? [];
  expect(await linesOf(new RegExp(`^${id}$`), 'POST')).toContainEqual(
    expect.objectContaining({ url: '/v1/allocations', status: 409 }),
  );
});

test('with the server away the error tells the request too', async () => {
  ipam.pause();
  const { json } = plugin.add(second, network.pod('d'));
  ipam.resume();
  expect(json.msg).toMatch(/no IPAM server answered: .* \[request add-7777777777777-\w+\]$/);
});
