import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Journal } from '../journal/journal.ts';
import { isSameAttachment } from '../journal/record.ts';
import type { Node } from '../node/node.ts';
import { knownGeneration } from './generation.ts';
import type { Agent } from './ipam/agent.ts';
import type { Attachment, Ipam } from './ipam/ipam.ts';

/** All that a verb acts through. */
export interface Doors {
  readonly node: Node;
  readonly ipam: Ipam;
  /** The node's agent, where the configuration names one. */
  readonly agent: Pick<Agent, 'isThere' | 'detach'> | undefined;
  /** Absent under another IPAM plugin: its releases can't be told to the server. */
  readonly journal: Journal | undefined;
  readonly randomOctets: () => Uint8Array;
  readonly warn: (message: string) => void;
}

/**
 * Releases now, or writes it down where the server can't be told: the runtime isn't held up by either.
 *
 * @throws what another IPAM plugin failed with, or the disk
 */
export async function releaseOrNote(
  doors: Doors,
  attachment: Attachment,
  generation?: number,
): Promise<void> {
  const known = knownGeneration(generation);
  const release = { ...attachment, ...(known === undefined ? {} : { generation: known }) };
  try {
    await doors.ipam.release(attachment, generation);
  } catch (error) {
    if (doors.journal === undefined) {
      throw error;
    }
    doors.warn(`the release goes to the journal: ${reasonOf(error)}`);
    doors.journal.append(release);
    return;
  }
  // An agent that was passed over takes the pod for a living one when it is back, unless it reads of its end here; where
  // another call drains this before, it looks twice.
  if (doors.agent?.isThere === false && doors.journal?.hasAgent) {
    doors.journal.append(release);
  }
}

/** A long outage leaves thousands of releases: told by one call they would take all the time that it has. */
const mostPerCall = 100;

/**
 * Tells the server the releases that wait, some at a time. Those of the attachment at hand are told before anything else happens to
 * it: one without generation would free what a later ADD is given. Where an agent runs, the journal is its own to drain.
 */
export async function drainJournal(
  { journal, ipam, agent, warn }: Doors,
  attachment?: Attachment,
): Promise<void> {
  try {
    if (journal === undefined || agent?.isThere || journal.isEmpty) {
      return;
    }
    let isAway = false;
    let left = mostPerCall;
    await journal.drain(
      async ({ generation, ...each }) => {
        left -= 1;
        // Once nobody answers it ends: all others would wait for the same server.
        if (isAway || (left < 0 && !(attachment && isSameAttachment(each, attachment)))) {
          return false;
        }
        try {
          await ipam.release(each, generation);
          return true;
        } catch (error) {
          // A release that is refused waits for an admin, and keeps none of the others waiting.
          isAway = !(error instanceof Problem) || error.kind.cni === 11;
          return false;
        }
      },
      attachment !== undefined && journal.holds(attachment),
    );
  } catch (error) {
    warn(`the journal could not be drained: ${reasonOf(error)}`);
  }
}
