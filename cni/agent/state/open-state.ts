import { AgentState, type AgentStateOptions } from './agent-state.ts';
import { StateFile } from './state-file.ts';

/** An agent's state with the file that keeps it. */
export interface OpenState {
  readonly state: AgentState;
  /** Its `sync` comes before each request to the server. */
  readonly file: StateFile;
  /** What an admin should read in the log. */
  readonly warnings: readonly string[];
}

/**
 * The state as an earlier agent left it in `agent.state` of a folder, kept there from now on.
 *
 * @throws Problem AGENT_STATE_UNWRITABLE
 */
export function openState(
  folder: string,
  options: Omit<AgentStateOptions, 'records' | 'lost' | 'onChange'>,
): OpenState {
  let isKept = false;
  const file = new StateFile(folder, options.node, () => state.records());
  const { records, lost, warnings } = file.read(options.now);
  const state: AgentState = new AgentState({
    ...options,
    records,
    lost,
    // What the start itself changes is in the file that is written below.
    onChange: (writes) => isKept && file.append(writes),
  });
  file.compact();
  isKept = true;
  return { state, file, warnings };
}
