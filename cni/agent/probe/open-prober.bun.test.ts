import { expect, test } from 'bun:test';
import { Ip } from '../../../core/address/ip.ts';
import { openProber } from './open-prober.bun.ts';
import { Pace } from './pace.ts';

const ip = Ip.parse('10.9.1.5');
const how = { isUrgent: true, signal: AbortSignal.timeout(5000) };

test('a node without the master says so, and for its VLANs too', async () => {
  for (const vlan of [undefined, 7]) {
    const prober = openProber({
      master: 'realip-none',
      vlanOf: () => vlan,
      nodes: () => 1,
      pace: new Pace(),
      warn: () => undefined,
    });
    const why = { code: 'MASTER_MISSING', message: 'there is no interface realip-none on this node' };
    expect(await prober.probe(ip, how).catch((error: unknown) => error)).toMatchObject(why);
    expect(await prober.recheck([ip]).catch((error: unknown) => error)).toMatchObject(why);
    prober.close('the end');
  }
});
