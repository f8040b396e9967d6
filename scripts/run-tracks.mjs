import { failedWhole } from './reports.mjs';
import { readyOf } from './tracks.mjs';

/** @typedef {import('./reports.mjs').FileResult} FileResult */
/** @typedef {(pace: 'bun' | 'pool' | 'lane', files: string[]) => Promise<FileResult[]>} Run runs test files */

/**
 * Runs test files: all tracks at once, then those files that want the machine for themselves.
 * @param {ReturnType<import('./tracks.mjs').planOf>} plan
 * @param {Pick<import('./building.mjs').Building, 'names' | 'more'>} building
 * @param {Run} run
 * @param {(line: string) => void} tell
 * @returns {Promise<FileResult[]>}
 */
export async function runTracks({ tracks, alone }, building, run, tell = console.log) {
  const results = await Promise.all(tracks.map((track) => runTrack(track, building, run, tell)));
  return [...results.flat(), ...(await tried(run, 'lane', alone, tell))];
}

/** Again and again those files of a track whose parts have been built meanwhile. */
async function runTrack({ pace, files }, building, run, tell) {
  const results = [];
  let { ready, waiting } = readyOf(files, building.names);
  while (ready.length + waiting.length > 0) {
    if (ready.length === 0) {
      tell(`\n── the ${pace} waits for ${[...building.names].join(', ')}`);
      await building.more();
    }
    results.push(...(await tried(run, pace, ready, tell)));
    ({ ready, waiting } = readyOf(waiting, building.names));
  }
  return results;
}

/** Runs files; where the runner itself fails, each has failed. */
async function tried(run, pace, files, tell) {
  try {
    return await run(pace, files);
  } catch ({ message }) {
    tell(`The runner failed: ${message}`);
    return files.map((file) => failedWhole(file));
  }
}
