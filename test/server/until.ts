import { slowness } from '../../netlink/testing/slowness.ts';

/**
 * Looks every 50 ms until `holds` is true.
 *
 * @param withinMs milliseconds on a machine that does nothing else; longer on a busy one
 * @throws Error after that time
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const began = Date.now();
  while (!(await holds())) {
    const passed = Date.now() - began;
    if (passed > withinMs * slowness()) {
      throw new Error(`within ${passed} ms it did not happen that ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
