import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The connection's local port: equal for two calls on one connection. */
  readonly localPort: number;
  /** The subject of the certificate that the webhook showed. */
  readonly subject: string;
}

export interface Call {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** One HTTPS call, by default a POST of JSON to /mutate on a connection of its own. */
export function call(options: Call): Promise<Answer> {
  const {
    port,
    path = '/mutate',
    method = 'POST',
    type = 'application/json',
    body,
    headers,
    agent,
  } = options;
  const how: RequestOptions = {
    host: '127.0.0.1',
    port,
    path,
    method,
    rejectUnauthorized: false,
    agent: agent ?? new Agent({ maxCachedSessions: 0 }),
    headers: { ...(type === null ? {} : { 'Content-Type': type }), ...headers },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(how, (response) => {
      const socket = response.socket as import('node:tls').TLSSocket;
      const { localPort = 0 } = socket;
      const subject = String(socket.getPeerCertificate().subject?.CN);
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, localPort, subject });
      });
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A review of the creation of `object`, as the API server sends it. */
export function review(object: unknown, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      object,
      ...more,
    },
  });
}

export interface ReviewResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patchType?: string;
  readonly patch?: string;
  readonly status?: { readonly message: string; readonly code: number };
}

/** The `response` of an answered review. */
export function responseOf(answer: Answer): ReviewResponse {
  const body = JSON.parse(answer.text) as { response: ReviewResponse };
  return body.response;
}

/** What realip.io/placed-by would say after the patch, or undefined without one. */
export function placedBy(answer: Answer): unknown {
  const { patch } = responseOf(answer);
  const operations = patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
  return operations.find((each: { path: string }) => each.path.endsWith('placed-by'))?.value;
}
