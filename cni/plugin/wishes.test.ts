import { Mac } from '../../core/address/mac.ts';
import { configOf } from './testing/config.ts';
import { wishesOf } from './wishes.ts';

const annotations = 'io.kubernetes.cri.pod-annotations';
const masterMac = Mac.parse('00:16:3e:00:00:01');
const octets = () => Uint8Array.from([0xff, 1, 2, 3, 4, 5]);
const wish = (runtimeConfig: object, args = {}, conf = {}) =>
  wishesOf(configOf({ runtimeConfig, ...conf }), args, octets, masterMac);

test('a runtime that wants nothing leaves all to the ledger', () => {
  expect(wish({})).toEqual({ addresses: [] });
});

test('capabilities come before CNI_ARGS, these before annotations', () => {
  const annotated = { [annotations]: { 'realip.io/addresses': '10.9.1.3, fd00:9::3' } };
  const listed = (...given: Parameters<typeof wish>) => wish(...given).addresses?.map(String);
  expect(listed({ ips: ['10.9.1.1/16'], ...annotated }, { IP: '10.9.1.2' })).toEqual(['10.9.1.1']);
  expect(listed(annotated, { IP: '10.9.1.2' })).toEqual(['10.9.1.2']);
  expect(listed(annotated)).toEqual(['10.9.1.3', 'fd00:9::3']);
});

test('the MAC of the capability comes before that of CNI_ARGS, and both before the configuration', () => {
  const conf = { mac: 'random' };
  expect(String(wish({ mac: '02:00:00:00:00:01' }, { MAC: '02:00:00:00:00:02' }, conf).mac)).toBe(
    '02:00:00:00:00:01',
  );
  expect(String(wish({}, { MAC: '02:00:00:00:00:02' }, conf).mac)).toBe('02:00:00:00:00:02');
  expect(String(wish({}, {}, conf).mac)).toBe('fe:01:02:03:04:05');
  expect(String(wish({}, {}, { mac: 'master' }).mac)).toBe('00:16:3e:00:00:01');
});

test('runtime-given without a MAC, and a MAC that is no interface’s, are refused', () => {
  expect(() => wish({}, {}, { mac: 'runtime-given' })).toThrow('the runtime gave none');
  expect(() => wish({ mac: '01:00:5e:00:00:01' })).toThrow('not unicast');
  expect(() => wish({ mac: 'nonsense' })).toThrow('"nonsense" is not a MAC address');
  expect(() => wish({}, { IP: '010.0.0.1' })).toThrow('"010.0.0.1" is not an IP address');
});

test('the pod is named when its namespace and name are known', () => {
  const args = { K8S_POD_NAMESPACE: 'shop', K8S_POD_NAME: 'web' };
  expect(wish({}, args).pod).toEqual({ namespace: 'shop', name: 'web' });
  expect(wish({}, { ...args, K8S_POD_UID: 'u' }).pod).toEqual({ namespace: 'shop', name: 'web', uid: 'u' });
  expect(wish({}, { K8S_POD_NAME: 'web' }).pod).toBeUndefined();
});

describe('the annotations of a pod that wants to keep its address', () => {
  const args = { K8S_POD_NAMESPACE: 'shop', K8S_POD_NAME: 'web' };
  const annotated = (texts: object) => ({ [annotations]: texts });

  test('go into the request with its pod; an empty one is none', () => {
    const all = { 'realip.io/sticky': 'owner', 'realip.io/retain': '1h30m', 'realip.io/spare': '2' };
    expect(wish(annotated(all), args).pod).toEqual({
      ...{ namespace: 'shop', name: 'web' },
      ...{ sticky: 'owner', retain: '1h30m', spare: 2 },
    });
    const empty = { 'realip.io/sticky': 'pod', 'realip.io/retain': '', 'other.io/spare': '2' };
    expect(wish(annotated(empty), args).pod).toEqual({ namespace: 'shop', name: 'web', sticky: 'pod' });
  });

  test('mean nothing where the runtime does not name the pod', () => {
    expect(wish(annotated({ 'realip.io/sticky': 'pod' }))).toEqual({ addresses: [] });
  });

  test.each([
    ['sticky', 'foo', '"foo" is neither pod nor owner'],
    ['retain', 'a day', '"a day" is no duration'],
    ['retain', '91d', '"91d" is more than 90 days'],
    ['spare', 'x', '"x" is no number up to 256'],
    ['spare', '257', '"257" is no number up to 256'],
  ])('realip.io/%s: %s is refused by its name', (name, text, why) => {
    const key = `realip.io/${name}`;
    const ask = () => wish(annotated({ [key]: text }), args);
    expect(ask).toThrow(`the pod’s annotation ${key}: ${why}`);
    expect(ask).toThrow(expect.objectContaining({ kind: expect.objectContaining({ cni: 7 }) }));
  });
});
