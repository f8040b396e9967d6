import type { HttpRequest } from '../../http/http.ts';

/** A call without what is the same for all of them. */
export type ServerCall = Pick<HttpRequest, 'method' | 'body'> & {
  readonly path: string;
  /** What it is otherwise when the node's agent is asked. */
  readonly forAgent?: {
    readonly body?: string;
    /** The agent may wait for addresses that it is just making sure of. */
    readonly isPatient?: boolean;
  };
};
