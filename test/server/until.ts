/** Looks every 50 ms until `holds` is true; @throws Error after `withinMs` */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`within ${withinMs} ms it did not happen that ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
