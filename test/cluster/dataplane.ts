import { until } from '../server/until.ts';
import { type Agent, agentsOf, planeLabel } from './agents.ts';
import type { LiveCluster } from './live-cluster.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/**
 * Puts nodes on a data plane as manifests/README.md tells, by their label, and waits until the agents are exchanged and
 * have installed the other conf list. Pods that run stay as they are; those made from then on are of the new plane.
 *
 * @param names of macvlan nodes; by default all
 */
export async function useDataplane(
  cluster: LiveCluster,
  plane: 'ptp' | 'macvlan',
  names: readonly string[] = cluster.nodes
    .filter(({ plan }) => plan.type === 'macvlan')
    .map(({ name }) => name),
): Promise<void> {
  const value = plane === 'ptp' ? plane : null;
  await Promise.all(
    names.map((name) =>
      cluster.must('PATCH', `/api/v1/nodes/${name}`, { metadata: { labels: { [planeLabel]: value } } }),
    ),
  );
  for (const name of names) {
    let seen: Agent[] = [];
    await until(
      `the agent of ${name} is one for ${plane}`,
      async () => {
        seen = await agentsOf(cluster, name);
        const [agent, ...others] = seen;
        return others.length === 0 && agent?.plane === plane && agent.isReady;
      },
      longestMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(seen)}`);
    });
  }
}
