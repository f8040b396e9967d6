const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Does some work; a signal meanwhile has it given up, and ends this process with the usual status. What breaks off because of
 * that is no news, and must not end the process with a status of its own.
 *
 * @param stop takes away what the work made
 * @returns what the work came to; nothing once there was a signal
 */
export async function interruptible<Result>(
  work: () => Promise<Result>,
  stop: () => Promise<void>,
): Promise<Result> {
  let isAsked = false;
  for (const [signal, status] of Object.entries(signals)) {
    process.on(signal, async () => {
      if (!isAsked) {
        isAsked = true;
        await stop();
        process.exit(status);
      }
    });
  }
  try {
    return await work();
  } catch (error) {
    if (isAsked) {
      return await new Promise<never>(() => {});
    }
    throw error;
  }
}
