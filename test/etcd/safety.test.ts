import { checkSafety } from '../server/model/safety.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { EtcdDisk } from './etcd-disk.ts';
import { EtcdGateway } from './etcd-gateway.ts';

let member: EtcdMember;
const disks: EtcdDisk[] = [];
beforeAll(async () => {
  // It isn't killed here: what survives that is tried elsewhere.
  member = await EtcdMember.start('--unsafe-no-fsync');
});
afterAll(() => member.remove());

test('in every life of servers that take a ledger in etcd over from each other: the same as of one on a disk, what was followed is what is stored, and nothing comes late', async () => {
  const gateway = new EtcdGateway(member.url);
  await checkSafety(30, async () => {
    await disks.at(-1)?.close();
    const disk = new EtcdDisk(member.url, `/life-${disks.length}/`, gateway);
    disks.push(disk);
    await disk.takeOver();
    return disk;
  });
  await disks.at(-1)?.close();
}, 3_600_000);
