/** What a server answered to a call. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON, loosely typed: tests say what they expect of it. */
  readonly body: Body;
}

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
type Body = any;
