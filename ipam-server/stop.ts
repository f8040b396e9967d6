import type { Logger } from 'winston';

/** What stopping the server takes. */
export interface Stoppable {
  /** Says that it is stopping, to probes first of all. */
  begin(): void;
  /** Answers the calls begun, takes no new ones, and closes everything. */
  drain(): Promise<void>;
  /** Drops the connections that are still open. */
  cut(): void;
}

/** The pod is killed after 10 s; whoever is slower than this loses its connection, not its data. */
const patience = 8_000;

/** Ends the process in order on SIGTERM and SIGINT: exit status 0. */
export function stopOnSignal(log: Logger, server: Stoppable): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) {
      return;
    }
    stopping = true;
    log.info('stopping', { signal });
    server.begin();
    setTimeout(() => server.cut(), patience).unref();
    setTimeout(() => process.exit(0), patience + 1_500).unref();
    server.drain().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('stopping failed', { reason: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
