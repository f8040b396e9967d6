import type { Name } from '../cast.ts';
import { webPort } from '../programs.ts';
import { expectSeen, expectThat, type Scene } from '../scene.ts';
import { call, callOnce } from '../spot.ts';
import { lookUp } from './office.ts';

/**
 * What pods on the overlay are to a machine outside of the cluster.
 *
 * @param pod the name of a pod there
 * @param provider one that registers itself
 */
export function overlayOnly(pod: Name, provider: Name): Scene {
  return {
    title: 'On the overlay a pod has an address that nobody outside can reach',
    checks: [
      {
        title: 'the office can’t reach a pod of the overlay',
        see: async ({ office, player }) => {
          const why = await failing(callOnce(office, player(pod).address, 'hostname'));
          return why;
        },
      },
      {
        title: 'a pod of the overlay that calls the office is seen as its node',
        see: async ({ office, player, cluster }) => {
          const { address, node } = player(pod);
          const seen = await call(player(pod), office.address, 'clientip');
          expectSeen('it was seen as', seen, cluster.node(node).address);
          return `${address} is seen as ${seen}`;
        },
      },
      {
        title:
          'a provider of the overlay registers its own address, and no consumer in the office can call it',
        see: async ({ office, player }) => {
          const { address } = player(provider);
          const known = await lookUp(office, office.address, provider);
          expectSeen('the registered address', known, `${address}:${webPort}`);
          return await failing(callOnce(office, address, 'hostname'));
        },
      },
    ],
  };
}

/** @returns why it failed; @throws Error when it didn't */
async function failing(call: Promise<string>): Promise<string> {
  const [answer, why] = await call.then(
    (name) => [name, ''],
    (error: Error) => ['', error.message],
  );
  expectThat(answer === '', `${answer} answered`);
  expectThat(/unreachable|timeout|no route/.test(why ?? ''), `it failed for another reason: ${why}`);
  return (why ?? '').replace(/^.*: dial /, 'dial ');
}
