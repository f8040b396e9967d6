import { Agent } from '../agent.ts';
import { type NodePlan, nodes, office, port } from '../plan.ts';
import { businessPod } from '../pod.ts';
import type { RunningPod } from '../runtime.ts';
import { reach, visit } from '../visit.ts';
import { type Pods, podNamed, type Stage } from './stage.ts';

/** So many addresses the agents keep ready at least. */
const reserve = 4;

/** The agents' chapters: probed ahead, without the server, and a rogue that is caught before any pod is harmed. */
export async function showAgents(stage: Stage, pods: Pods): Promise<void> {
  const agents = await startAgents(stage);
  const [first] = agents ?? [];
  if (first !== undefined) {
    await showReserve(stage, pods, first);
    await showOutage(stage, pods, first);
    await showCaught(stage, pods, first);
  }
}

async function startAgents({ terminal, network, ledger, runtime }: Stage): Promise<Agent[] | undefined> {
  terminal.chapter('The node agent: addresses are probed before a pod asks');
  const agents = await terminal.make(
    'an agent on each macvlan node, and a range for its reserve',
    async () => {
      const began = performance.now();
      await ledger.declareReserves();
      const hosts = nodes.filter((node) => node.reserve !== undefined);
      const made = await Promise.all(hosts.map((node) => Agent.start(node, network)));
      runtime.askAgents();
      return { made, figure: `${made.length} agents, ready for calls in ${since(began)} ms` };
    },
  );
  if (agents === undefined) {
    return undefined;
  }
  await terminal.step(`each has probed ${reserve} addresses, by the whole of RFC 5227`, async () => {
    const times = await Promise.all(agents.map((agent) => agent.hasReady(reserve)));
    return `${(Math.max(...times) / 1000).toFixed(1)} s, while nobody waits`;
  });
  return agents;
}

async function showReserve(stage: Stage, pods: Pods, agent: Agent): Promise<void> {
  await stage.terminal.step(`shop-8 on ${agent.node.name} gets one of the reserve`, async () => {
    const ready = await agent.ready();
    const pod = await startPod(stage, pods, 'shop-8', agent.node);
    if (!ready.includes(pod.address)) {
      throw new Error(`${pod.address} was given, and ${ready.join(', ')} were ready`);
    }
    const before = podNamed(pods, 'shop-3').addMilliseconds;
    const milliseconds = await stage.ledger.becomes(pod.address, 'allocated', 30_000);
    return `${pod.address}, ADD ${pod.addMilliseconds.toFixed(1)} ms (shop-3, without an agent: ${before.toFixed(1)} ms); recorded ${milliseconds.toFixed(0)} ms later`;
  });
}

async function showOutage(stage: Stage, pods: Pods, agent: Agent): Promise<void> {
  const { terminal, runtime, ledger } = stage;
  const { ipamServer } = stage.control;
  const { node } = agent;
  terminal.chapter('The IPAM server is killed: pods start and stop all the same');
  await terminal.step('the IPAM server is killed with -9', async () => {
    await ipamServer.kill();
    const asked = await ledger.map().catch(() => undefined);
    if (asked !== undefined) {
      throw new Error('it answers');
    }
    return 'nobody answers at its address';
  });
  const begun = await terminal.make(`shop-9 starts on ${node.name}`, async () => {
    const made = await startPod(stage, pods, 'shop-9', node);
    const answer = await reach(stage.network.office, made.address, 'shop-9', office.address);
    return {
      made,
      figure: `${made.address}, ADD ${made.addMilliseconds.toFixed(1)} ms; office → shop-9 ${answer}`,
    };
  });
  const ended = podNamed(pods, 'shop-8');
  await terminal.step('shop-8 is deleted', async () => {
    const milliseconds = await runtime.stop(ended);
    pods.delete(ended.name);
    return `DEL ${milliseconds.toFixed(1)} ms; the release is in the agent’s journal`;
  });
  await terminal.step('the IPAM server starts again', async () => {
    const began = performance.now();
    await ipamServer.start();
    return `ready in ${since(began)} ms`;
  });
  await terminal.step('the journal drains: the ledger learns of both', async () => {
    const began = performance.now();
    await ledger.becomes(begun?.address ?? '', 'allocated', 60_000);
    await ledger.becomes(ended.address, 'cooling', 60_000);
    return `after ${since(began)} ms ${begun?.address} is allocated and ${ended.address} is cooling`;
  });
}

async function showCaught(stage: Stage, pods: Pods, agent: Agent): Promise<void> {
  const { terminal, network, ledger } = stage;
  terminal.chapter('A rogue takes an address of the reserve, and is caught before any pod has it');
  const taken = await terminal.make('a machine takes one, and uses it', async () => {
    await agent.hasReady(2);
    const [made = ''] = await agent.ready();
    await network.gateway.shell(`ip address add ${made}/32 dev eth0`);
    const { from } = await visit(network.gateway, agent.node.address, port, made);
    return { made, figure: `${from} visits ${agent.node.name}, which has it ready for a pod` };
  });
  await terminal.step('the agent hears it, and the address is in quarantine', async () => {
    const milliseconds = await ledger.becomes(taken ?? '', 'quarantined', 60_000);
    const [link] = JSON.parse(await network.gateway.run('ip', ['-j', 'link', 'show', 'eth0']));
    const { why = '' } = await ledger.address(taken ?? '');
    if (!why.includes(link.address)) {
      throw new Error(`it says nothing of ${link.address}: ${why}`);
    }
    return `after ${milliseconds.toFixed(0)} ms: ${why}`;
  });
  await terminal.step(`shop-10 on ${agent.node.name} gets another`, async () => {
    const pod = await startPod(stage, pods, 'shop-10', agent.node);
    if (pod.address === taken) {
      throw new Error(`${taken} was given`);
    }
    const answer = await reach(network.office, pod.address, 'shop-10', office.address);
    return `${pod.address}, ADD ${pod.addMilliseconds.toFixed(1)} ms; office → shop-10 ${answer}`;
  });
}

async function startPod(stage: Stage, pods: Pods, name: string, node: NodePlan): Promise<RunningPod> {
  const pod = await stage.runtime.start(businessPod(name), node);
  pods.set(name, pod);
  return pod;
}

function since(began: number): string {
  return (performance.now() - began).toFixed(0);
}
