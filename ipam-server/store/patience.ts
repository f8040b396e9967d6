const parts = 8;

/**
 * Calls once this process has lived through a time. One that stood still meanwhile (a suspended machine, SIGSTOP) finds
 * all its timers over when it goes on, and would give up what was about to be answered: such a pause counts as an eighth
 * of the time at most.
 *
 * @returns takes it back
 */
export function afterLiving(milliseconds: number, act: () => void): () => void {
  let passed = 0;
  const timer = setInterval(() => {
    passed += 1;
    if (passed === parts) {
      clearInterval(timer);
      act();
    }
  }, milliseconds / parts);
  return () => clearInterval(timer);
}
