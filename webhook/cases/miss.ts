/** One expectation that wasn't met. */
export interface Miss {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}
