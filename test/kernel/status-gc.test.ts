import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node, { cniVersion: '1.1.0' });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const call = (command: string, conf: object): Answer => plugin.call({ command, id: '', netns: '', conf });

test('STATUS: ready; and code 50 without master or server', () => {
  const away = { ipam: { ...(plugin.conf['ipam'] as object), server: 'http://127.0.0.1:1' } };
  expect(call('STATUS', {})).toMatchObject({ status: 0, stdout: '' });
  expect(call('STATUS', away).json).toMatchObject({ code: 50 });
  expect(call('STATUS', { master: 'eth7' }).json).toMatchObject({ code: 50 });
  expect(call('STATUS', { mtu: 9000 }).json).toMatchObject({
    code: 50,
    msg: expect.stringContaining('1500'),
  });
  expect(call('STATUS', { cniVersion: '1.0.0' }).json).toMatchObject({ code: 1 });
});

test.each([
  [{ containerID: 'm' }],
  [{ containerId: 'm', ifname: 'eth0' }],
  [{ containerID: 'm', ifname: '' }],
])('GC with an attachment that it can’t read, %j, frees nothing', (attachment) => {
  plugin.add('m', network.pod(`m${Object.keys(attachment).join('')}`));
  const before = ipam.allocated();
  expect(call('GC', { 'cni.dev/valid-attachments': [attachment] }).json).toMatchObject({ code: 7 });
  expect(ipam.allocated()).toEqual(before);
});
