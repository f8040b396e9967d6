import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../server/until.ts';
import { longestGap } from './gap.ts';
import type { LedgerServer } from './ledger-server.ts';
import type { Pair } from './pair.ts';

/** Clients of the server that stays, and milliseconds between an answer and the next call of one. */
const [clients, pause] = [8, 5];

/** Ways in which a leader goes, and how it comes back as a follower. */
export const ways = {
  killed: { strike: (leader: LedgerServer) => leader.kill(), mend: back },
  stopped: { strike: (leader: LedgerServer) => leader.stop(), mend: back },
  frozen: {
    strike: async (leader: LedgerServer) => leader.freeze(true),
    mend: async (leader: LedgerServer) => leader.freeze(false),
  },
} as const;

async function back(leader: LedgerServer): Promise<void> {
  await leader.restart();
}

/** What clients of the other server saw. */
export interface TakeOver {
  /** Milliseconds between two answers of calls that were done, the longest. */
  readonly gap: number;
  readonly failed: number;
  /** Whether the new leader had followed the ledger, and needed not read it. */
  readonly isWarm: boolean;
}

/** Takes the leader from two servers while the other one is called; the taken one follows afterwards. */
export async function takeOver(pair: Pair, way: keyof typeof ways, serial: number): Promise<TakeOver> {
  const { leader, follower } = await pair.roles();
  const answers: number[] = [];
  let failed = 0;
  let isOver = false;
  const client = async (number: number) => {
    for (let i = 0; !isOver; i++) {
      const id = `take-over-${process.pid}-${serial}-${number}-${i}`;
      try {
        await allocateAndRelease(follower, id, () => answers.push(performance.now()));
      } catch {
        failed++;
      }
      await sleep(pause);
    }
  };
  const calling = Array.from({ length: clients }, (_, number) => client(number));
  try {
    await sleep(1_000);
    await ways[way].strike(leader);
    await until('the other server leads', async () => (await follower.role()) === 'leader', 60_000);
    const led = performance.now();
    await until('it answers', () => answers.some((at) => at > led + 500), 60_000);
  } finally {
    isOver = true;
    await Promise.all(calling);
  }
  await ways[way].mend(leader);
  await until('the taken one follows', async () => (await leader.role()) === 'follower', 60_000);
  return { gap: longestGap(answers), failed, isWarm: follower.hasInherited };
}

async function allocateAndRelease(server: LedgerServer, containerId: string, done: () => void) {
  const key = { network: 'realip', containerId, ifname: 'eth0' };
  await server.call('POST', '/v1/allocations', { node: 'n1', ...key });
  done();
  await server.call('POST', '/v1/allocations:batch', { release: [key] });
  done();
}
