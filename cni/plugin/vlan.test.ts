import { Prefix } from '../../core/address/prefix.ts';
import { configOf } from './testing/config.ts';
import { vlanOf } from './vlan.ts';

const ips = (...vlans: (number | undefined)[]) => ({
  ips: vlans.map((vlan, index) => ({
    address: Prefix.parse(`10.${index}.1.7/16`),
    ...(vlan === undefined ? {} : { vlan }),
  })),
});

test('the ledger’s subnet decides', () => {
  expect(vlanOf(configOf(), ips(100))).toBe(100);
  expect(vlanOf(configOf({ vlan: 100 }), ips(100, 100))).toBe(100);
  expect(vlanOf(configOf(), ips(undefined))).toBeUndefined();
  expect(vlanOf(configOf(), ips(0))).toBeUndefined();
});

test('a configuration that says otherwise is refused, and so are two VLANs at once', () => {
  const refused = (vlan: number | undefined, ...vlans: (number | undefined)[]) =>
    expect(() => vlanOf(configOf(vlan === undefined ? {} : { vlan }), ips(...vlans)));
  refused(100, 200).toThrow('vlan is 100, and the subnet is on VLAN 200');
  refused(100, undefined).toThrow('vlan is 100, and the subnet is on none');
  refused(undefined, 100, undefined).toThrow('10.0.1.7/16 on VLAN 100, 10.1.1.7/16 untagged');
});

test('under another IPAM plugin the configuration decides', () => {
  expect(vlanOf(configOf({ vlan: 100, ipam: { type: 'host-local' } }), ips(100))).toBe(100);
  expect(vlanOf(configOf({ ipam: { type: 'host-local' } }), ips(undefined))).toBeUndefined();
});
