import { mountedNetns } from './mounted-netns.ts';

const mountinfo = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
31 22 0:24 /netns /run/netns rw,nosuid shared:7 - tmpfs tmpfs rw
52 31 0:4 net:[4026532281] /run/netns/cni-1 rw shared:21 - nsfs nsfs rw
53 22 0:4 net:[4026532281] /var/run/netns/cni-1 rw shared:21 - nsfs nsfs rw
54 22 0:4 mnt:[4026532300] /run/snapd/ns/x.mnt rw - nsfs nsfs rw
55 22 0:4 net:[4026532400] /srv/my\\040pods/a rw - nsfs nsfs rw
`;

test('mounted network namespaces, by each path, wherever they are', () => {
  expect(mountedNetns(mountinfo)).toEqual([
    { inode: 4026532281, path: '/run/netns/cni-1' },
    { inode: 4026532281, path: '/var/run/netns/cni-1' },
    { inode: 4026532400, path: '/srv/my pods/a' },
  ]);
});

test('nothing is no namespace', () => {
  expect(mountedNetns('')).toEqual([]);
});
