/**
 * Does one after the other, also when some fail: what is to be taken away must not stay because of something else.
 *
 * @throws Error what the first of those threw that failed
 */
export async function inTurn(...acts: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const act of acts) {
    try {
      await act();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw errors[0];
  }
}
