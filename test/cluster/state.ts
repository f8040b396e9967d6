import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Place } from './place.ts';

/** What one process writes down of a cluster for others. */
export interface State {
  /** The process that brings it up, or did. */
  readonly by: number;
  readonly phase: 'rising' | 'up';
  /** Without realip; flannel then serves all nodes. */
  readonly bare: boolean;
  /** When it was begun, in milliseconds since 1970. */
  readonly since: number;
  /** The run of tests that it is for; with its end it goes. */
  readonly run?: string;
}

export function writeState(place: Place, state: State): void {
  mkdirSync(place.folder, { recursive: true, mode: 0o755 });
  writeFileSync(place.file('state.json.new'), JSON.stringify(state));
  renameSync(place.file('state.json.new'), place.file('state.json'));
}

/** What is written of it; null where there is nothing. */
export function readState(place: Place): State | null {
  const file = place.file('state.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : null;
}

/** The process, other than this, that is bringing a cluster up just now. */
export function risingBy(place: Place): number | null {
  const state = readState(place);
  const isRising =
    state?.phase === 'rising' && state.by !== process.pid && existsSync(`/proc/${state.by}/exe`);
  return isRising ? state.by : null;
}
