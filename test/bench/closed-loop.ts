import type { Load } from './load.ts';
import { quantile } from './statistics.ts';

/** How many calls are on their way at any time, and until when new ones are made. */
export type LoopShape = { readonly inFlight: number } & (
  | { readonly seconds: number }
  | { readonly calls: number }
);

/**
 * Calls, each made when another was answered.
 *
 * @param call gets 1, 2, …
 * @throws what a call throws
 */
export async function closedLoop(
  call: (serial: number) => Promise<unknown>,
  { inFlight, ...length }: LoopShape,
): Promise<Load> {
  const times: number[] = [];
  const began = performance.now();
  let serial = 0;
  const goesOn = (): boolean =>
    'calls' in length ? serial < length.calls : performance.now() < began + length.seconds * 1000;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (goesOn()) {
        serial += 1;
        const sent = performance.now();
        await call(serial);
        times.push(performance.now() - sent);
      }
    }),
  );
  const passed = (performance.now() - began) / 1000;
  return { perSecond: times.length / passed, p99: quantile(times, 0.99) };
}
