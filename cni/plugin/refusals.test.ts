import { refuse } from './refusals.ts';
import { configOf } from './testing/config.ts';

test.each([
  {},
  { hostRoutes: ['10.96.0.0/12'] },
  { hostRoutes: ['fd00:10::/64'] },
  { hostAccess: 'none' },
  { mode: 'private', hostAccess: 'none' },
  { mode: 'private', hostRoutes: ['10.96.0.0/12'] },
  { hostAccess: 'veth' },
  { mode: 'vepa', hostAccess: 'none' },
  { dataplane: 'ptp', hostRoutes: ['10.96.0.0/12', 'fd00:10::/112'] },
  { dataplane: 'ptp', hostAccess: 'veth' },
  { mode: 'passthru', hostAccess: 'none', master: 'eth1', mac: 'master' },
  { duplicateDetection: true },
  { ipam: { server: [], agent: '/run/realip/agent.sock' } },
  { macPrefix: '0a:77', ipam: { type: 'host-local', server: 7 } },
])('%j is fine', (conf) => {
  expect(() => refuse(configOf(conf))).not.toThrow();
});

test.each([
  [{ mode: 'vepa', hostAccess: 'shim' }, 'INVALID_NETWORK_CONFIG'],
  [{ hostAccess: 'none', hostRoutes: ['10.96.0.0/12'] }, 'INVALID_NETWORK_CONFIG'],
  [{ ipam: { type: '' } }, 'INVALID_NETWORK_CONFIG'],
  [{ ipam: { server: [] } }, 'INVALID_NETWORK_CONFIG'],
  [{ ipam: { type: 'realip' } }, 'INVALID_NETWORK_CONFIG'],
  [{ ipam: { type: '../bin/host-local' } }, 'INVALID_NETWORK_CONFIG'],
  [{ macPrefix: '0a:77' }, 'INVALID_NETWORK_CONFIG'],
  [{ dataplane: 'ptp', hostAccess: 'none', hostRoutes: ['10.96.0.0/12'] }, 'INVALID_NETWORK_CONFIG'],
  [{ dataplane: 'ptp', hostAccess: 'shim' }, 'INVALID_NETWORK_CONFIG'],
  [{ dataplane: 'ptp', mode: 'private' }, 'INVALID_NETWORK_CONFIG'],
  [{ mode: 'passthru', hostAccess: 'none' }, 'INVALID_NETWORK_CONFIG'],
  [{ mac: 'master' }, 'INVALID_NETWORK_CONFIG'],
])('%j is refused as %s', (conf, code) => {
  expect(() => refuse(configOf(conf))).toThrow(expect.objectContaining({ code }));
});
