/** Octets that JavaScriptCore shall take the machine's memory for: it collects garbage by that. */
const memory = 32 * 1024 * 1024;
const variable = 'BUN_JSC_forceRAMSize';

/**
 * Starts the process anew, as the same one, with a small heap: an agent that lives for months on each node must not let
 * garbage grow because the node has memory. JavaScriptCore reads this at its start alone.
 */
export function beFrugal(): void {
  if (process.env[variable] !== undefined) {
    return;
  }
  const { execve } = process as { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void };
  const env = { ...process.env, [variable]: String(memory) };
  try {
    execve?.('/proc/self/exe', [process.argv0, ...process.argv.slice(2)], env);
  } catch {
    // Without /proc, or where it is forbidden, it runs with a larger heap.
  }
}
