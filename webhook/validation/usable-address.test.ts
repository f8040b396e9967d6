import { Problem } from '../../core/problem/problem.ts';
import { wishesOf } from './wishes.ts';

/** The addresses that a pod's annotation asks for, or why it is denied. */
function asked(text: string): readonly string[] | string {
  try {
    return wishesOf({ metadata: { annotations: { 'realip.io/addresses': text } }, spec: {} }).addresses.map(
      String,
    );
  } catch (error) {
    return error instanceof Problem ? `${error.code} ${error.message}` : String(error);
  }
}

test.each([
  ['0.0.0.0', 'is the unspecified address, which no pod can have'],
  ['255.255.255.255', 'is the broadcast address'],
  ['224.0.0.1', 'is a multicast address'],
  ['239.255.255.255', 'is a multicast address'],
  ['127.0.0.1', 'is a loopback address'],
  ['127.255.255.254', 'is a loopback address'],
  ['::', 'is the unspecified address'],
  ['::1', 'is the loopback address'],
  ['0:0:0:0:0:0:0:1', 'is the loopback address'],
  ['ff02::1', 'is a multicast address'],
  ['::ffff:10.9.1.7', 'is an IPv4 address written as IPv6'],
  ['::FFFF:a09:107', 'is an IPv4 address written as IPv6'],
  ['fd00::07', 'has leading zeros; write fd00::7'],
  ['0d00::7', 'has leading zeros; write d00::7'],
  ['fd00:00::7', 'has leading zeros; write fd00::7'],
])('no pod can have %s, beside whatever else it asks for', (text, why) => {
  const beside = text.includes(':') ? `10.9.1.7,${text}` : `${text},fd00::7`;
  for (const annotation of [text, beside]) {
    expect(asked(annotation)).toContain('FIXED_ADDRESSES_INVALID');
    expect(asked(annotation)).toContain(`"${text}" ${why}`);
  }
});

test.each([
  ['0.0.0.1'],
  ['126.255.255.255'],
  ['128.0.0.0'],
  ['223.255.255.255'],
  ['255.255.255.254'],
  ['::2'],
  ['fd00:0:0:1::7'],
  ['fd00:0::7'],
  ['64:ff9b::10.9.1.7'],
  ['feff::1'],
])('%s may be in a subnet', (text) => {
  expect(asked(text)).toHaveLength(1);
});
