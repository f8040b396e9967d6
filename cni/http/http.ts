/** A request to one server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly body?: string;
  readonly token?: string;
  /** Under which the server logs it: visible ASCII. */
  readonly id?: string;
  /** Over this Unix socket, not by the URL's host; it is watched whether who listens there lives at all. */
  readonly socket?: string;
  /** How long the server may wait for what isn't there yet (RFC 7240 `Prefer: wait`). */
  readonly waitSeconds?: number;
  /** PEM of the authorities that may sign for the server; absent: the system's. */
  readonly ca?: string;
  readonly timeoutMs: number;
  /** Gives the request up before its time is over; only fetch heeds it. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends a request and gives its answer, whatever the status; rejects when there was none in time. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;
