import type { ProblemKind } from './kind.ts';

/** What the node's agent answers on its socket, and what keeps it from starting. */
export const agentKinds = {
  AGENT_RESERVE_EMPTY: {
    status: 503,
    cni: 11,
    title: 'No probed address is ready on this node for the pod; the runtime will try again.',
    advice:
      'See `realip agent status` for the reserve, and why the IPAM server is away; a larger `--reserve` outlasts a longer outage.',
  },
  AGENT_SERVER_AWAY: {
    status: 503,
    cni: 11,
    title: 'Only the IPAM server can decide this, and it does not answer; the runtime will try again.',
    advice:
      'See that the server runs and that the node reaches it; the detail names each URL with the reason.',
  },
  AGENT_ATTACHMENT_ENDED: {
    status: 409,
    cni: 11,
    title: 'The attachment was deleted while its ADD was still waiting.',
    advice: 'Nothing is left of it; call ADD again if the pod is still wanted.',
  },
  AGENT_RUNNING: {
    title: 'Another agent serves this socket or this state folder.',
    advice:
      'A node has one agent: end the other one, or give this one a socket and a state folder of its own.',
  },
  AGENT_SOCKET_UNUSABLE: {
    title: 'The agent can’t listen on the socket.',
    advice: 'Name a path below 108 octets in a folder that root may write, where no other file stands.',
  },
  AGENT_AWAY: {
    title: 'No agent answers on the socket.',
    advice: 'See `systemctl status realip-agent`, or name the agent’s socket with --socket.',
  },
  AGENT_MASTER_DIFFERS: {
    title: 'The agent is told to serve another master than the installed configuration names.',
    advice:
      'Give the agent the `master` of the conf list, or leave --master out: it then takes the conf list’s.',
  },
} as const satisfies Record<string, ProblemKind>;
