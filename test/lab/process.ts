import type { ChildProcess } from 'node:child_process';

const patience = 8000;

/**
 * Waits for the first line that a started program prints on standard output: its sign of being ready.
 *
 * @throws Error with what it said on standard error, if it ends or stays silent for 8 s
 */
export function firstLine(name: string, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => reject(new Error(`${name} said nothing within ${patience} ms`)), patience);
    child.stdout?.on('data', (data) => {
      stdout += data;
      const end = stdout.indexOf('\n');
      if (end >= 0) {
        clearTimeout(timer);
        resolve(stdout.slice(0, end));
      }
    });
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${status}: ${stderr.trim()}`));
    });
  });
}

/** Lets a program go on by itself, also when the lab ends. */
export function letGo(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
