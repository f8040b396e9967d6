import { PluginError } from '../../core/cni/plugin-error.ts';
import { readIpamAnswer, refuseFailure } from './answer.ts';
import type { Outcome } from './program.ts';

const printed = (value: unknown, status: number | null = 0): Outcome => ({
  status,
  stdout: typeof value === 'string' ? value : JSON.stringify(value),
});
const read = (outcome: Outcome) => readIpamAnswer('pool', outcome, '1.0.0');

test.each([
  { cniVersion: '1.1.0', ips: [{ address: '10.9.3.1/16', gateway: '10.9.0.1' }] },
  { cniVersion: '0.4.0', ips: [{ version: '4', address: '10.9.3.1/16', gateway: '10.9.0.1' }] },
  { cniVersion: '0.2.0', ip4: { ip: '10.9.3.1/16', gateway: '10.9.0.1' } },
  { ips: [{ address: '10.9.3.1/16', gateway: '10.9.0.1', interface: 0 }] },
])('%j is read', (result) => {
  expect(read(printed(result))).toEqual({
    interfaces: [],
    ips: [{ address: '10.9.3.1/16', gateway: '10.9.0.1' }],
    routes: [],
    dns: {},
  });
});

test.each([
  ['', /it is no JSON: nothing at all/],
  ['Hello there', /it is no JSON: "Hello there"/],
  ['7', /it is no JSON/],
  [{}, /it holds no IP address/],
  [{ cniVersion: '1.0.0', ips: [] }, /it holds no IP address/],
  [{ cniVersion: '2.0.0', ips: [{ address: '10.9.3.1/16' }] }, /cniVersion "2.0.0"/],
  [{ ips: [{ address: '10.9.3.1' }] }, /result.ips\[0\].address/],
  [{ ips: '10.9.3.1/16' }, /result.ips must be a list/],
])('the result %j is refused', (result, message) => {
  const failure = expect.objectContaining({
    code: 'IPAM_PLUGIN_FAILED',
    message: expect.stringMatching(message),
  });
  expect(() => read(printed(result))).toThrow(failure);
});

test('an error object is passed on as it stands', () => {
  const error = { cniVersion: '1.0.0', code: 11, msg: 'try later', details: 'the pool is asleep' };
  const outcome = printed(error, 1);
  expect(() => refuseFailure('pool', outcome)).toThrow(new PluginError('pool', 11, 'try later', ''));
  expect(() => refuseFailure('pool', outcome)).toThrow(
    expect.objectContaining({ details: 'the pool is asleep' }),
  );
});

test.each([
  [
    { status: 2, stdout: 'panic' },
    'the IPAM plugin "pool" ended with status 2 and printed no error object: "panic"',
  ],
  [{ status: null, signal: 'SIGSEGV', stdout: '' }, /was ended by SIGSEGV .* nothing at all/],
  [{ status: 1, stdout: '{"code":"x","msg":"y"}' }, /printed no error object/],
])('a failure without an error object, %j', (outcome, message) => {
  const failure = expect.objectContaining({
    code: 'IPAM_PLUGIN_FAILED',
    message: expect.stringMatching(message),
  });
  expect(() => refuseFailure('pool', outcome)).toThrow(failure);
});
