import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { Servant } from './servants.ts';

test('an etcd that was put back to an older state is served as it is, not as it was followed', async () => {
  const member = await EtcdMember.start();
  const [data, copy] = [join(member.folder, 'data'), join(member.folder, 'copy')];
  const first = new Servant('a', member.url, '/back/');
  await until('the first leads', () => first.store !== null);
  const second = new Servant('b', member.url, '/back/');
  await until('the second follows', () => second.leader === 'a');
  await first.putZone('kept');
  await member.daemon.stop();
  cpSync(data, copy, { recursive: true });
  await member.restart();
  await until('one leads again', () => first.store !== null || second.store !== null, 60_000);
  const [leader, other] = first.store === null ? [second, first] : [first, second];
  for (let i = 0; i < 20; i++) {
    // The other's watch comes back meanwhile.
    await sleep(150);
    await until(
      'it is made',
      () =>
        leader.putZone(`gone-${i}`).then(
          () => true,
          () => false,
        ),
      60_000,
    );
  }
  await until('the other follows', () => other.leader === leader.name, 60_000);

  await member.daemon.stop();
  await leader.stop();
  rmSync(data, { recursive: true });
  cpSync(copy, data, { recursive: true });
  await member.restart();
  await until('the other leads', () => other.store !== null, 60_000);
  expect(await other.zones()).toEqual(['kept']);
  await other.putZone('after');
  await other.stop();
  const third = new Servant('c', member.url, '/back/');
  await until('a third leads', () => third.store !== null, 60_000);
  expect((await third.zones()).sort()).toEqual(['after', 'kept']);
  await third.stop();
  await member.remove();
});
