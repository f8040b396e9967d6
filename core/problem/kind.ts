/** What is fixed about an error that a user can meet; what happened in the case at hand is the problem's detail. */
export interface ProblemKind {
  /** HTTP status, where the error is an answer of a server. */
  readonly status?: number;
  /** CNI code, where it is an answer of the plugin: 1–7 and 11 are the specification's, 50 and 51 belong to STATUS. */
  readonly cni?: number;
  /** What it means. */
  readonly title: string;
  /** What to do. */
  readonly advice: string;
}
