import { printAnswer, warn } from './streams.bun.ts';

/** The runtime died meanwhile when nobody takes the result: nobody may ever call DEL, so that all is undone now. */
export async function deliver(result: object, undo: () => Promise<void>): Promise<undefined> {
  if (!printAnswer(result)) {
    await undo();
    throw new Error('nobody took the result');
  }
}

export function warnOfUnknown(keys: readonly string[]): void {
  for (const key of keys) {
    warn(`the key "${key}" of the network configuration means nothing to this version`);
  }
}
