import { inForce, type Noted, type Resident, strangers } from './residents.ts';

const ours = '00-realip.conflist';

test.each([
  [[], 'nobody'],
  [['README', '10-flannel.conflist.bak'], 'nobody'],
  [['10-flannel.conflist', ours], 'ours'],
  [['10-flannel.conflist'], 'later'],
  [['87-podman.conflist', '10-x.conf'], 'later'],
  [['00-multus.conf', '10-flannel.conflist'], 'earlier'],
  [['00-multus.conf', ours], 'earlier'],
  [['.00-a.conflist', ours], 'earlier'],
] as const)('of the files %j the conf in force is of %s', (names, whose) => {
  expect(inForce(names, ours)).toBe(whose);
});

const resident = (inode: number, network?: string, ifname = 'eth0'): Resident => ({
  netns: `/run/netns/${inode}`,
  inode,
  ifname,
  network,
});
const note = (inode: number | undefined, network: string, ifname = 'eth0'): Noted => ({
  network,
  containerId: `c${inode}`,
  ifname,
  inode,
});

test('pods of another CNI that has been in force so far are strangers, by interface alone', () => {
  expect(strangers('real', 'later', [resident(1), resident(2, 'real')], [])).toEqual([
    'eth0 of /run/netns/1',
  ]);
});

test('where nobody was in force, an interface alone says nothing, the runtime’s note does', () => {
  const residents = [resident(1), resident(2)];
  expect(strangers('real', 'nobody', residents, [])).toEqual([]);
  expect(strangers('real', 'nobody', residents, [note(2, 'cbr0')])).toEqual([
    'eth0 of /run/netns/2, container c2 in the network cbr0',
  ]);
});

test('a note that outlived its pod, as after a boot, means nothing', () => {
  expect(strangers('real', 'later', [], [note(undefined, 'cbr0'), note(9, 'cbr0')])).toEqual([]);
});

test('once ours is in force, only another network of our own would be released wrongly', () => {
  const residents = [resident(1), resident(2, 'real'), resident(3, 'old')];
  expect(strangers('real', 'ours', residents, [note(1, 'cbr0')])).toEqual([
    'eth0 of /run/netns/3, in the realip network old',
  ]);
});

test('a pod of ours that has a second interface of somebody else is none of theirs', () => {
  const residents = [resident(1, 'real'), resident(1, undefined, 'net1')];
  expect(strangers('real', 'later', residents, [note(1, 'storage', 'net1')])).toEqual([]);
});

test('behind a conf that stays in front nothing changes for anybody', () => {
  expect(strangers('real', 'earlier', [resident(1)], [note(1, 'cbr0')])).toEqual([]);
});
