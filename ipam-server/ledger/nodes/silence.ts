import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { fenceNode } from './fence.ts';

/** What part of the nodes may be fenced for their silence within an hour; one in any case. */
const share = 0.2;
const hour = 3_600_000;

/** How silence is judged. */
export interface Patience {
  /** Milliseconds without a sync after which a node counts as dead. */
  readonly milliseconds: number;
  /** Milliseconds since 1970: the server could not hear anything before. */
  readonly heardSince: number;
}

/** The nodes that are silent for too long, and why they are not fenced all the same, if so. */
export interface Silence {
  readonly nodes: readonly string[];
  readonly refused: string | null;
}

/**
 * The nodes whose agent once synced and has not for too long. Many at once are no dead nodes but a fault of the
 * network or of this server, so that none of them is fenced then; nor when no node at all is heard.
 */
export function silentNodes(ledger: Ledger, patience: Patience, now: number): Silence {
  const nodes: string[] = [];
  let agents = 0;
  let heard = 0;
  let fencedLately = 0;
  for (const [node, { syncedAt, fencedAt }] of ledger.claims.agents()) {
    if (syncedAt === undefined || !ledger.nodes.has(node)) {
      continue;
    }
    agents++;
    if (fencedAt !== undefined) {
      fencedLately += fencedAt + hour > now ? 1 : 0;
    } else if (isSilent(syncedAt, patience, now)) {
      nodes.push(node);
    } else {
      heard += syncedAt >= patience.heardSince ? 1 : 0;
    }
  }
  const most = Math.max(1, Math.floor(agents * share));
  const many = `${nodes.length} of ${agents} nodes are silent`;
  if (nodes.length > 0 && heard === 0) {
    return { nodes, refused: `${many} and none is heard` };
  }
  if (nodes.length + fencedLately > most) {
    const lately = fencedLately === 0 ? '' : `, ${fencedLately} were fenced within an hour`;
    return { nodes, refused: `${many}${lately}; at most ${most} are fenced an hour` };
  }
  return { nodes, refused: null };
}

/** Fences a node for its silence, unless it has been heard meanwhile; says how many attachments it had. */
export function fenceSilent(
  ledger: Ledger,
  node: string,
  patience: Patience,
  now: number,
): Decision<number | null> {
  const agent = ledger.claims.agent(node);
  if (agent?.syncedAt === undefined || !ledger.nodes.has(node) || !isSilent(agent.syncedAt, patience, now)) {
    return { writes: [], answer: null };
  }
  const since = new Date(agent.syncedAt).toISOString();
  const { answer, ...decision } = fenceNode(ledger, node, `node ${node} is silent since ${since}`, now);
  return { ...decision, answer: answer.attachments.length };
}

function isSilent(syncedAt: number, { milliseconds, heardSince }: Patience, now: number): boolean {
  return Math.max(syncedAt, heardSince) + milliseconds <= now;
}
