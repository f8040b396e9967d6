import type { Context } from '../ledger/events/event.ts';
import { actorOf, type Caller } from './caller.ts';

/** The parts of a request that say who calls. */
interface Called {
  readonly caller: Caller;
  readonly ip: string;
  /** Where it came from when another server has handed it on. */
  readonly forwardedFor: string | null;
  readonly id: string;
}

/** Who makes a change, for the events that tell of it. */
export function contextOf({ caller, ip, forwardedFor, id }: Called): Context {
  return { actor: actorOf(caller), from: forwardedFor ?? ip, request: id };
}
