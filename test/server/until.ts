import { slowness } from '../../netlink/testing/slowness.ts';

/**
 * Looks again and again until `holds` is true.
 *
 * @param withinMs milliseconds on a machine that does nothing else; longer on a busy one
 * @param everyMs milliseconds between two looks; more where a look costs
 * @throws Error after that time
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
  everyMs = 50,
): Promise<void> {
  const began = Date.now();
  while (!(await holds())) {
    const passed = Date.now() - began;
    if (passed > withinMs * slowness()) {
      throw new Error(`within ${passed} ms it did not happen that ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
