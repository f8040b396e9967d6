import { files } from '../files.ts';

/** Kills the processes that have a file open, and are not this program. */
export function endHolders(path: string): void {
  for (const pid of files()
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))) {
    if (readLink(`/proc/${pid}/exe`) !== process.execPath && holds(pid, path)) {
      kill(Number(pid));
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

function holds(pid: string, path: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return files()
      .readdirSync(folder)
      .some((descriptor) => readLink(`${folder}/${descriptor}`) === path);
  } catch {
    // It ended meanwhile.
    return false;
  }
}

function readLink(path: string): string | undefined {
  try {
    return files().readlinkSync(path);
  } catch {
    return undefined;
  }
}
