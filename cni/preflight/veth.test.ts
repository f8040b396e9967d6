import { NetlinkError } from '../../netlink/message/netlink-error.ts';
import { judgeVeth } from './veth.ts';

/** A kernel that answers so when a pair is to be made. */
function kernel(errno: number | undefined) {
  const names = new Set<string>();
  return {
    names,
    links: {
      create: ({ name }: { name: string }) => {
        if (errno !== undefined) {
          throw new NetlinkError(`create ${name}`, errno);
        }
        names.add(name);
      },
      get: (name: string) => ({ name }),
      delete: ({ name }: { name: string }) => void names.delete(name),
    },
  };
}

test.each([
  [95, 'kernel-lacks-veth'],
  [1, 'not-root'],
  [12, 'veth-refused'],
])('a kernel that answers errno %i is told of as %s', (errno, id) => {
  expect(judgeVeth(kernel(errno) as never)).toMatchObject([{ id, level: 'error' }]);
});

test('one that makes pairs keeps none', () => {
  const found = kernel(undefined);
  expect(judgeVeth(found as never)).toEqual([]);
  expect(found.names.size).toBe(0);
});
