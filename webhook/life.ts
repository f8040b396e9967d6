import type { Logger } from 'winston';
import type { AdmissionServer } from './admission/server.ts';
import type { Companion } from './companion.ts';

/** Less than the 10 s after which a stopping webhook must be gone. */
const drainMs = 8_000;

/** Starts what works beside the server, and ends both, in order, when a signal asks for it. */
export function live(server: AdmissionServer, companions: readonly Companion[], log: Logger): void {
  for (const companion of companions) {
    companion.start();
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // npx and shells pass on a signal that the process group has had already.
      if (server.draining) {
        return;
      }
      log.info('stopping', { signal });
      const ends = companions.map((companion) => companion.stop());
      const late = new Promise((resolve) => setTimeout(resolve, drainMs));
      const ended = Promise.race([Promise.allSettled(ends), late]);
      void Promise.all([server.drain(drainMs), ended]).then(() => process.exit(0));
    });
  }
}
