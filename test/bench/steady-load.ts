import { Agent, request } from 'node:https';

/** Connections that are kept open, as an API server does with a webhook. */
const connections = 16;

export interface Served {
  readonly url: string;
  readonly ca: Buffer;
}

/**
 * Posts so many bodies a second, evenly, whether or not earlier ones have been answered.
 *
 * @returns the time of each from its sending to the last byte of its answer, in milliseconds
 * @throws Error when one is not answered by 200
 */
export async function steadyLoad(
  { url, ca }: Served,
  bodyOf: (serial: number) => string,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
  const total = perSecond * seconds;
  const bodies = Array.from({ length: total }, (_, serial) => bodyOf(serial));
  const answers: Promise<number>[] = [];
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - started) * perSecond) / 1000));
      while (answers.length < due) {
        answers.push(post(url, agent, bodies[answers.length] ?? ''));
      }
      if (answers.length === total) {
        resolve();
      } else {
        setTimeout(tick, 1);
      }
    };
    tick();
  });
  try {
    return await Promise.all(answers);
  } finally {
    agent.destroy();
  }
}

function post(url: string, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) {
          resolve(performance.now() - started);
        } else {
          reject(new Error(`${url} answered ${answer.statusCode}`));
        }
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
