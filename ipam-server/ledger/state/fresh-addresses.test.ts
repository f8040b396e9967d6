import { Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';
import { FreshAddresses } from './fresh-addresses.ts';

function freshOf(...parts: string[]) {
  const known = new Set<string>();
  const fresh = new FreshAddresses(parts.map(Range.parse), (address) => known.has(address));
  const take = () => {
    const address = fresh.next()?.toString();
    if (address !== undefined) {
      known.add(address);
    }
    return address;
  };
  const forget = (address: string) => {
    known.delete(address);
    fresh.comesBack(Ip.parse(address));
  };
  return { take, forget, known };
}

test('they come in order, part after part, past known ones', () => {
  const { take, known } = freshOf('10.9.0.1-10.9.0.2', '10.9.0.5-10.9.0.6');
  known.add('10.9.0.5');
  expect([take(), take(), take(), take()]).toEqual(['10.9.0.1', '10.9.0.2', '10.9.0.6', undefined]);
});

test('one that is unknown again comes first, whether the end was reached or not', () => {
  const { take, forget } = freshOf('10.9.0.1-10.9.0.3');
  expect([take(), take()]).toEqual(['10.9.0.1', '10.9.0.2']);
  forget('10.9.0.1');
  expect([take(), take(), take()]).toEqual(['10.9.0.1', '10.9.0.3', undefined]);
  forget('10.9.0.3');
  expect([take(), take()]).toEqual(['10.9.0.3', undefined]);
});

test('one ahead of the cursor that becomes unknown again comes at its place', () => {
  const { take, forget, known } = freshOf('10.9.0.1-10.9.0.3');
  known.add('10.9.0.3');
  take();
  forget('10.9.0.3');
  expect([take(), take(), take()]).toEqual(['10.9.0.2', '10.9.0.3', undefined]);
});

test('one that came back and was taken otherwise meanwhile is passed over', () => {
  const { take, forget, known } = freshOf('10.9.0.1-10.9.0.2');
  take();
  forget('10.9.0.1');
  known.add('10.9.0.1');
  expect([take(), take()]).toEqual(['10.9.0.2', undefined]);
});

test('several that came back come in order, as they would for a server that starts anew', () => {
  const { take, forget } = freshOf('10.9.0.1-10.9.0.4');
  expect([take(), take(), take()]).toEqual(['10.9.0.1', '10.9.0.2', '10.9.0.3']);
  for (const last of [3, 1, 2, 1]) {
    forget(`10.9.0.${last}`);
  }
  expect([take(), take(), take(), take()]).toEqual(['10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.0.4']);
});
