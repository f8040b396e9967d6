import { webPort } from '../programs.ts';
import { expectSeen, type Scene } from '../scene.ts';
import { call, patiently } from '../spot.ts';

/** The overlay and the LAN together. */
export const bothZones: Scene = {
  title: 'Both zones together',
  checks: [
    {
      title: 'a caller from the office comes by the ingress, on the overlay, to a business pod',
      see: async ({ office, player, service, cluster }) => {
        const { address } = player('shop-2');
        const { nodePort } = await service('ingress');
        const door = `${cluster.node('over-1').address}:${nodePort}`;
        const url = `http://${door}/${address}:${webPort}/hostname`;
        const answer = await patiently('the ingress answers', () => office.fetch(url));
        return `${door} → ${address}: ${expectSeen('who answered', answer, 'shop-2')}`;
      },
    },
    {
      title: 'the ingress finds a business pod by its Service’s name, too',
      see: async ({ office, service, cluster, namespace }) => {
        const { nodePort } = await service('ingress');
        const name = `shop-1.${namespace}.svc.cluster.local`;
        const url = `http://${cluster.node('over-1').address}:${nodePort}/${name}:${webPort}/hostname`;
        const answer = await patiently('the ingress answers', async () =>
          expectSeen('who answered', await office.fetch(url), 'shop-1'),
        );
        return `${name}: ${answer}`;
      },
    },
    {
      title: 'a pod of the overlay calls a business pod, which sees the overlay’s node',
      see: async ({ player, cluster }) => {
        const [inside, shop] = [player('inside'), player('shop-1')];
        const seen = await call(inside, shop.address, 'clientip');
        expectSeen('the caller', seen, cluster.node(inside.node).address);
        return `${inside.address} → ${shop.address}, seen as ${seen}`;
      },
    },
    {
      title: 'a business pod calls a pod of the overlay',
      see: async ({ player }) => {
        const [shop, inside] = [player('shop-2'), player('inside')];
        expectSeen('who answered', await call(shop, inside.address, 'hostname'), 'inside');
        const seen = await call(shop, inside.address, 'clientip');
        return `${shop.address} → ${inside.address}, seen as ${seen}`;
      },
    },
  ],
};
