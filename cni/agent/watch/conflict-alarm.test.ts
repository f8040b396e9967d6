import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import type { ListedAllocation } from '../../../schema/allocation.ts';
import type { Watched } from '../doors.ts';
import { ConflictAlarm } from './conflict-alarm.ts';

const [ip, mac] = [Ip.parse('10.9.1.5'), Mac.parse('52:54:00:12:34:56')];
const pod = { namespace: 'shop', name: 'web-0', uid: 'u1' };

/** What follows a claim, in order. */
function after(heard: Watched, is: Watched | undefined): string[] {
  const did: string[] = [];
  const listed = [{ ips: [{ address: '10.9.1.5/16' }], pod }] as unknown as ListedAllocation[];
  const alarm = new ConflictAlarm({
    state: {
      claimed: () => {
        did.push('state');
        return is;
      },
      listed: () => listed,
    },
    events: {
      warn: ({ name }, reason, message) => did.push(`${name} ${reason} ${message.includes(`${mac}`)}`),
    },
    log: { warn: (_, facts) => did.push(JSON.stringify(facts)) },
    count: (what) => did.push(`count ${what}`),
    wanted: (what) => did.push(`tell ${what}`),
    now: () => 0,
  });
  alarm.ring({ ip, mac, what: heard, frames: 2 }, 'eth0');
  return did;
}

const facts = { address: '10.9.1.5', mac: '52:54:00:12:34:56' };

test('of the reserve: it is given no more, counted, logged, and the server is told', () => {
  expect(after('reserve', 'reserve')).toEqual([
    'state',
    'count reserve',
    JSON.stringify({ ...facts, what: 'reserve', interface: 'eth0', frames: 2 }),
    'tell reserve',
  ]);
});

test('of a pod: the pod has an event, too, also when it got the address only now', () => {
  for (const heard of ['in-use', 'reserve'] as const) {
    expect(after(heard, 'in-use')).toEqual([
      'state',
      'count in-use',
      JSON.stringify({ ...facts, what: 'in-use', interface: 'eth0', frames: 2, pod: 'shop/web-0' }),
      'web-0 AddressConflict true',
      'tell in-use',
    ]);
  }
});

test('an address that only the kernel shows counts as what it is watched for', () => {
  expect(after('in-use', undefined)).toContain('count in-use');
});
