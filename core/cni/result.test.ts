import fc from 'fast-check';
import { present } from './present.ts';
import type { CniResult } from './result.ts';
import { printResult } from './result-print.ts';
import { readResult } from './result-read.ts';
import { atLeast, type CniVersion, cniVersions } from './version.ts';

const strict = (message: string) => {
  throw new Error(message);
};
const read = (value: unknown, version: CniVersion) => readResult(value, version, strict);

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet).map(([a, b]) => `10.9.${a}.${b}`);
const ip = fc.oneof(
  ipv4,
  octet.map((each) => `fd00:9::${(each + 1).toString(16)}`),
);
const prefix = ip.map((text) => `${text}/${text.includes(':') ? 64 : 16}`);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const number = fc.integer({ min: 0, max: 65_535 });

const results: fc.Arbitrary<CniResult> = fc
  .array(
    fc.record({
      name: fc.string(),
      mac: fc.constantFrom('', '0a:58:0a:09:01:07'),
      mtu: maybe(number),
      sandbox: maybe(fc.string()),
    }),
    { maxLength: 3 },
  )
  .chain((interfaces) =>
    fc.record({
      interfaces: fc.constant(interfaces.map(({ name, mac, ...rest }) => ({ name, mac, ...present(rest) }))),
      ips: fc
        .array(
          fc.record({
            address: prefix,
            gateway: maybe(ip),
            interface:
              interfaces.length === 0 ? fc.constant(undefined) : maybe(fc.nat(interfaces.length - 1)),
          }),
          { maxLength: 3 },
        )
        .map((ips) => ips.map(({ address, ...rest }) => ({ address, ...present(rest) }))),
      routes: fc
        .array(fc.record({ dst: prefix, gw: maybe(ip), mtu: maybe(number), priority: maybe(number) }), {
          maxLength: 3,
        })
        .map((routes) => routes.map(({ dst, ...rest }) => ({ dst, ...present(rest) }))),
      dns: fc.record({ nameservers: fc.array(ipv4), domain: fc.string() }, { requiredKeys: [] }),
    }),
  );

test('the newest version says everything: what is printed reads as the same result', () => {
  fc.assert(
    fc.property(results, (result) => expect(read(printResult(result, '1.1.0'), '1.1.0')).toEqual(result)),
  );
});

test('what any version prints survives being read and printed again', () => {
  fc.assert(
    fc.property(results, fc.constantFrom(...cniVersions), (result, version) => {
      const printed = printResult(result, version);
      expect(printResult(read(printed, version), version)).toEqual(printed);
    }),
  );
});

test('a result is read by the version that it names itself', () => {
  const own = {
    cniVersion: '0.2.0',
    ip4: { ip: '10.9.1.7/16', gateway: '10.9.0.1', routes: [{ dst: '0.0.0.0/0' }] },
  };
  expect(read(own, '1.0.0')).toEqual({
    interfaces: [],
    ips: [{ address: '10.9.1.7/16', gateway: '10.9.0.1' }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: {},
  });
});

const sample: CniResult = {
  interfaces: [{ name: 'eth0', mac: '0a:58:0a:09:01:07', mtu: 1400, sandbox: '/run/netns/a' }],
  ips: [
    { address: '10.9.1.7/16', gateway: '10.9.0.1', interface: 0 },
    { address: 'fd00:9::7/64', interface: 0 },
  ],
  routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1', mtu: 1300 }],
  dns: { nameservers: ['10.9.0.53'] },
};

test.each(cniVersions)('the shape of %s', (version) => {
  const printed = JSON.stringify(printResult(sample, version));
  expect(printed).toContain(`"cniVersion":"${version}"`);
  const isAncient = !atLeast(version, '0.3.0');
  expect(printed.includes('"ip4":{"ip":"10.9.1.7/16"')).toBe(isAncient);
  expect(printed.includes('"interfaces"')).toBe(!isAncient);
  expect(printed.includes('"version":"4"')).toBe(!isAncient && !atLeast(version, '1.0.0'));
  expect(printed.includes('"mtu"')).toBe(version === '1.1.0');
});

test.each([
  [{ cniVersion: '9.0.0' }, 'cniVersion "9.0.0"'],
  [{ ips: [{ address: '10.9.1.7' }] }, 'prevResult.ips[0].address'],
  [{ ips: [{ address: '10.9.1.7/16', interface: 0 }] }, 'prevResult.ips[0].interface'],
  [{ routes: [{ dst: 'everywhere' }] }, 'prevResult.routes[0].dst'],
  [{ routes: [{ dst: '0.0.0.0/0', gw: '10.9.0' }] }, 'prevResult.routes[0].gw'],
  [{ ips: [{ address: '10.9.1.7/16', gateway: 'router' }] }, 'prevResult.ips[0].gateway'],
  [{ cniVersion: '0.2.0', ip4: { ip: '10.9.1.7/16', gateway: 'router' } }, 'prevResult.ip4.gateway'],
  [{ interfaces: 'eth0' }, 'prevResult.interfaces must be a list'],
  ['text', 'prevResult must be a JSON object'],
])('%j is refused, naming the place', (value, words) => {
  expect(() => read(value, '1.0.0')).toThrow(words);
});

test('nothing that JSON can say makes a lenient reading throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...cniVersions), (value, version) => {
      readResult(value, version, () => undefined);
    }),
  );
});
