import { type AgentFlags, settingsOf } from './settings.ts';

const flags: AgentFlags = {
  server: 'http://10.9.0.5:8080',
  socket: '/run/realip/agent.sock',
  state: '/var/lib/realip',
  conf: '/etc/cni/net.d/00-realip.conflist',
  logLevel: 'info',
};
const installed = {
  name: 'real',
  mtu: 1400,
  master: 'eth1',
  ipam: { servers: ['https://10.9.0.5:8443'], tokenFile: '/etc/realip/token', node: 'n7' },
};

test('several servers, and the host’s name for the node', () => {
  const { servers, node } = settingsOf(
    { ...flags, server: 'http://a:1,https://[fd00::5]:2/' },
    undefined,
    'n1',
  );
  expect(servers).toEqual(['http://a:1', 'https://[fd00::5]:2']);
  expect(node).toBe('n1');
});

test('what flags leave out the installed conf list says', () => {
  const { server: _, ...rest } = flags;
  expect(settingsOf(rest, installed, 'n1')).toMatchObject({
    servers: ['https://10.9.0.5:8443'],
    tokenFile: '/etc/realip/token',
    node: 'n7',
    master: 'eth1',
    network: { name: 'real', mtu: 1400 },
  });
});

test('another master than the installed conf list’s is refused, naming both', () => {
  expect(() => settingsOf({ ...flags, master: 'eth0' }, installed, 'n1')).toThrow(/eth0.*eth1/);
  expect(() => settingsOf({ ...flags, master: 'eth0' }, installed, 'n1')).toThrow(
    expect.objectContaining({ code: 'AGENT_MASTER_DIFFERS' }),
  );
});

test.each<[Partial<AgentFlags>, string]>([
  [{ server: '10.9.0.5:8080' }, '--server'],
  [{ server: 'http://a/v1' }, '--server'],
  [{ server: 'http://a,' }, '--server'],
  [{ server: 'ftp://a' }, '--server'],
  [{ node: 'N 1' }, '--node'],
  [{ zone: 'x_y' }, '--zone'],
  [{ state: 'here' }, '--state'],
  [{ master: 'a-name-too-long-for-linux' }, '--master'],
  [{ reserve: '-1' }, '--reserve'],
  [{ reserve: '5000' }, '--reserve'],
  [{ reserve: 'many' }, '--reserve'],
  [{ metricsListen: '9100' }, 'host:port'],
  [{ criSocket: 'run/crio/crio.sock' }, '--cri-socket'],
])('%j is refused, naming the flag', (wrong, words) => {
  expect(() => settingsOf({ ...flags, ...wrong }, undefined, 'n1')).toThrow(words);
});

test('without any server it says what is missing', () => {
  const { server: _, ...rest } = flags;
  expect(() => settingsOf(rest, undefined, 'n1')).toThrow('--server is missing');
});

test('shared credentials go where the conf list has the plugin’s, unless they are there', () => {
  const { tokenFile, caFile } = { tokenFile: '/run/token', caFile: '/run/ca.crt' };
  const sharing = { ...flags, tokenFile, caFile, shareCredentials: true };
  expect(settingsOf(sharing, installed, 'n1').copies).toEqual([
    { from: '/run/token', to: '/etc/realip/token', mode: 0o600 },
  ]);
  expect(settingsOf({ ...sharing, tokenFile: '/etc/realip/token' }, installed, 'n1').copies).toEqual([]);
  expect(settingsOf({ ...sharing, shareCredentials: false }, installed, 'n1').copies).toEqual([]);
  expect(() => settingsOf(sharing, undefined, 'n1')).toThrow('ipam.tokenFile');
});
