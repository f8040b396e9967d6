import { judgeConf } from './conf.ts';

const plugin = {
  type: 'realip',
  master: 'eth0',
  ipam: { type: 'realip-ipam', server: 'http://10.9.0.5:8080' },
};

function judge(plugins: object[], list: object = {}) {
  const text = JSON.stringify({ cniVersion: '1.0.0', name: 'real', ...list, plugins }, null, 2);
  return judgeConf('x.conflist', text).findings;
}

test('a good list is found good', () => {
  expect(judge([plugin])).toMatchObject([{ id: 'conf', level: 'ok' }]);
});

test('a single plugin’s configuration will do', () => {
  const text = JSON.stringify({ cniVersion: '1.0.0', name: 'real', ...plugin });
  expect(judgeConf('x.conf', text).findings).toMatchObject([{ id: 'conf' }]);
  expect(judgeConf('x.conf', text).config).toMatchObject({ master: 'eth0', name: 'real' });
});

test.each([
  [
    [{ ...plugin, mastr: 'eth0' }],
    'conf-unknown-key',
    /x\.conflist:\d+: unknown key "mastr"/,
    'Did you mean "master"?',
  ],
  [
    [{ ...plugin, ipam: { ...plugin.ipam, sever: 1 } }],
    'conf-unknown-key',
    /unknown key "ipam\.sever"/,
    'Did you mean "server"?',
  ],
  [[{ ...plugin, qqqqqqqq: 1 }], 'conf-unknown-key', /"qqqqqqqq"/, 'Remove it.'],
  [[{ ...plugin, mtu: '1500' }], 'conf-invalid', /mtu must be a whole number/, ''],
  [[{ ...plugin, sysctl: { 'kernel/x': '1' } }], 'conf-invalid', /kernel\/x/, ''],
  [[{ ...plugin, hostAccess: 'none', hostRoutes: ['10.96.0.0/12'] }], 'conf-invalid', /hostRoutes/, ''],
  [[{ type: 'realp' }], 'conf-no-realip', /did you mean it by "realp"/, ''],
  [[{ ...plugin, type: 'realp' }], 'conf-no-realip', /did you mean it by "realp"/, ''],
  [
    [{ type: 'macvlan', ipam: { type: 'realip-ipam', servr: '' } }],
    'conf-unknown-key',
    /"servr"/,
    '"server"',
  ],
])('%j is refused', (plugins, id, message, cure) => {
  const found = judge(plugins).find((each) => each.id === id);
  expect(found).toMatchObject({ level: 'error', message: expect.stringMatching(message) });
  expect(found?.cure).toContain(cure);
});

test('the line is that of the key', () => {
  const [finding] = judge([plugin, { type: 'tuning' }], { nme: 'x' });
  expect(finding?.message).toMatch(/^x\.conflist:4: unknown key "nme"/);
  const [other] = judge([{ ...plugin, mtu: -1 }]);
  expect(other?.message).toMatch(/^x\.conflist:12: mtu must be/);
});

test.each([
  [{ name: 'a b' }, /name "a b" is no name/],
  [{ cniVersion: '9.9.9' }, /cniVersion is "9.9.9"/],
])('a list with %j is refused', (list, message) => {
  expect(judge([plugin], list)).toContainEqual(
    expect.objectContaining({ id: 'conf-invalid', message: expect.stringMatching(message) }),
  );
});

test('portmap after a macvlan, and a capability that nobody knows, are warned of', () => {
  const ids = judge([{ ...plugin, capabilities: { bandwith: true } }, { type: 'portmap' }]).map(
    ({ id }) => id,
  );
  expect(ids).toEqual(['conf-unknown-capability', 'portmap-on-macvlan', 'conf']);
});

test.each(['[]', '7', 'null', '{"plugins": 7}', '{"plugins": [7]}', '{"plugins": []}', '{}'])(
  '%s is refused without a stumble',
  (text) => {
    expect(judgeConf('x', text).findings.some(({ level }) => level === 'error')).toBe(true);
  },
);
