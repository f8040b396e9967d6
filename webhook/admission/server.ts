import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { KeyPair } from '../../service/certificate.ts';
import { type ListenAddress, urlOf } from '../../service/listen.ts';
import type { Endpoint, Routes } from './routes.ts';
import { sendProblem } from './send.ts';

/** The API server keeps connections for 90 s without use; closing first would cost it a request (EOF). */
const keepAliveMs = 95_000;
/** A connection opened ahead of need stays as long: to Node it is a request whose headers are late. */
const requestMs = keepAliveMs;
/** Who connects and says nothing is let go. */
const handshakeMs = 10_000;
/**
 * For as long a stopping webhook still answers on connections that are open. A review may be on its way to one that
 * is idle, and the API server doesn't send it again when that is closed: it lets the pod pass.
 */
const lingerMs = 2_000;

export interface ServerLog {
  error(message: string, facts: object): void;
  debug(message: string, facts: object): void;
}

/** The webhook's HTTPS server: TLS, routing, and an orderly end. */
export class AdmissionServer {
  readonly #server: Server;
  readonly #routes: Routes;
  readonly #log: ServerLog;
  readonly #open = new Set<ServerResponse>();
  readonly #connections = new Set<Socket>();
  #draining = false;

  constructor(pair: KeyPair, routes: Routes, log: ServerLog) {
    this.#routes = routes;
    this.#log = log;
    this.#server = createServer({
      cert: pair.cert,
      key: pair.key,
      keepAliveTimeout: keepAliveMs,
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      handshakeTimeout: handshakeMs,
    });
    this.#server.on('request', (request, response) => this.#serve(request, response));
    // Without a listener Node invites the body before anyone has looked at the headers.
    this.#server.on('checkContinue', (request, response) => this.#serve(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    this.#server.on('tlsClientError', (error) => log.debug('TLS handshake failed', { error: error.message }));
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Starts to listen; the promise holds the URL. @throws Problem WEBHOOK_LISTEN_FAILED */
  listen({ host, port }: ListenAddress): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(unlistenable(error, { host, port }));
      this.#server.once('error', fail);
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail);
        resolve(urlOf('https', boundTo(this.#server.address())));
      });
    });
  }

  /** New connections get this pair from now on; open ones live on with theirs. */
  setKeyPair(pair: KeyPair): void {
    this.#server.setSecureContext({ cert: pair.cert, key: pair.key });
  }

  /** Takes no more connections, answers what has begun, and closes everything after `limitMs` at the latest. */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    // That of HTTP would close idle connections at once.
    TlsServer.prototype.close.call(this.#server);
    for (const response of this.#open) {
      leave(response);
    }
    const began = Date.now();
    const lasted = (ms: number) => Date.now() - began >= ms;
    while (!lasted(limitMs) && (this.#open.size > 0 || (this.#connections.size > 0 && !lasted(lingerMs)))) {
      await after(20);
    }
    this.#server.closeAllConnections();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
    if (this.#draining) {
      leave(response);
    }
    this.#answer(request, response).catch((error: unknown) => this.#fail(request, response, error));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await endpointFor(this.#routes, request, response)(request, response);
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      this.#log.debug('the caller went away', { path: request.url, error: reasonOf(error) });
      return;
    }
    if (error instanceof Problem) {
      this.#log.debug(error.message, { path: request.url, code: error.code });
      sendProblem(response, error);
      return;
    }
    this.#log.error('an answer failed', {
      path: request.url,
      error: error instanceof Error ? error.stack : error,
    });
    sendProblem(response, new Problem('INTERNAL_ERROR', 'the review could not be answered'));
  }
}

/** Has an answer say that its connection ends with it, unless it is on its way already. */
function leave(response: ServerResponse): void {
  if (!response.headersSent) {
    response.setHeader('Connection', 'close');
  }
}

function unlistenable(error: Error, address: ListenAddress): Problem {
  const why =
    'code' in error && error.code === 'EADDRINUSE' ? 'something listens there already' : error.message;
  return new Problem('WEBHOOK_LISTEN_FAILED', `${urlOf('https', address)}: ${why}`);
}

/** @throws Problem WEBHOOK_PATH_UNKNOWN, METHOD_NOT_ALLOWED (with the header `Allow` set) */
function endpointFor(routes: Routes, request: IncomingMessage, response: ServerResponse): Endpoint {
  // The API server calls `/mutate?timeout=2s`.
  const path = request.url?.split('?', 1)[0] ?? '';
  const methods = routes.get(path);
  if (methods === undefined) {
    throw new Problem('WEBHOOK_PATH_UNKNOWN', `there is no path ${path}`);
  }
  const endpoint = methods.get(request.method ?? '');
  if (endpoint === undefined) {
    const allow = [...methods.keys()].join(', ');
    response.setHeader('Allow', allow);
    throw new Problem('METHOD_NOT_ALLOWED', `${path} takes ${allow}, not ${request.method}`);
  }
  return endpoint;
}

function boundTo(address: AddressInfo | string | null): ListenAddress {
  if (address === null || typeof address === 'string') {
    throw new Error('the server listens on no TCP port');
  }
  return { host: address.address, port: address.port };
}
