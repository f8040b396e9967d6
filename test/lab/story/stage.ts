import type { Control } from '../control.ts';
import type { Ledger } from '../ledger.ts';
import type { Network } from '../network.ts';
import type { RunningPod, Runtime } from '../runtime.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Terminal } from '../terminal.ts';

/** Everything that the story is told with. */
export interface Stage {
  readonly terminal: Terminal;
  readonly network: Network;
  readonly control: Control;
  readonly ledger: Ledger;
  readonly scheduler: Scheduler;
  readonly runtime: Runtime;
}

/** The pods that run now, by name. */
export type Pods = Map<string, RunningPod>;

export function podNamed(pods: Pods, name: string): RunningPod {
  const pod = pods.get(name);
  if (pod === undefined) {
    throw new Error(`${name} is not running`);
  }
  return pod;
}
