import { Fields } from '../../core/cni/fields.ts';
import { roleOf } from './role.ts';

const role = (conf: object, calledAs: string) => roleOf(new Fields(conf, () => undefined), calledAs);
const ipam = { type: 'realip-ipam' };

test.each([
  [{ type: 'realip', ipam }, 'realip', 'main'],
  [{ type: 'realip' }, 'realip', 'main'],
  [{ type: 'realip', ipam: { type: 'host-local' } }, 'realip-1.2', 'main'],
  [{ type: 'macvlan', ipam }, 'realip-ipam', 'ipam'],
  [{ type: 'macvlan', ipam }, 'realip', 'ipam'],
  [{ type: 'realip', ipam }, 'realip-ipam', 'ipam'],
])('%j, called as %s, is the %s role', (conf, calledAs, expected) => {
  expect(role(conf, calledAs)).toBe(expected);
});

test.each([
  [{ type: 'macvlan', ipam: { type: 'host-local' } }, 'realip'],
  [{ type: 'macvlan' }, 'realip'],
  [{ type: 7, ipam }, 'realip'],
  [{ ipam }, 'realip'],
  [{ type: 'macvlan', ipam: 'realip-ipam' }, 'realip'],
])('%j, called as %s, is refused', (conf, calledAs) => {
  expect(() => role(conf, calledAs)).toThrow(expect.objectContaining({ code: 'INVALID_NETWORK_CONFIG' }));
});
