import { Problem } from '../../../../core/problem/problem.ts';

/** The code of the problem that an act meets. */
export function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
  return 'nothing was thrown';
}
