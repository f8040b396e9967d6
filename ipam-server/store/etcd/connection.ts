import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientDuplexStream, Metadata, type ServiceError } from '@grpc/grpc-js';
import { Problem } from '../../../core/problem/problem.ts';
import { services } from './api.ts';
import { channelTo } from './channel.ts';
import type { EtcdPlace } from './endpoint.ts';
import { isOfOldToken, isPassing, meaningOf } from './errors.ts';

/** The services of one member. */
type Clients = Readonly<Record<keyof typeof services, InstanceType<(typeof services)['KV']>>>;

/** In milliseconds. */
export interface Patience {
  /** That one member has to answer, before another is asked. */
  readonly turn: number;
  /** After which no member is asked any more, unless a call says otherwise. */
  readonly all: number;
}

/** A server's: who called it waits. */
const usual: Patience = { turn: 2_000, all: 7_000 };

/** Milliseconds between two rounds in which no member answered. */
const pause = 100;

const channelOptions = {
  // A member whose machine died says nothing; etcd refuses more than one ping in 5 s.
  'grpc.keepalive_time_ms': 6_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // etcd's own limit is that of a request; a page of large records may be many of them.
  'grpc.max_receive_message_length': -1,
};

/** Calls to an etcd cluster: whichever member answers, the one that last did first. */
export class EtcdConnection {
  readonly #patience: Patience;
  #place: EtcdPlace;
  #members: readonly Clients[];
  readonly #streams = new Set<{ cancel(): void }>();
  #preferred = 0;
  #token: Promise<string> | null = null;

  constructor(place: EtcdPlace, patience = usual) {
    this.#place = place;
    this.#patience = patience;
    this.#members = clientsOf(place);
  }

  /**
   * Goes on with other certificates or another password, if a member lets them in. Calls that were begun end as they
   * would; streams are ended.
   *
   * @throws Problem STORE_UNAVAILABLE; then nothing has changed
   */
  async renew(place: EtcdPlace): Promise<void> {
    const next = new EtcdConnection(place, this.#patience);
    try {
      await next.call('KV', 'Range', { key: place.prefix, limit: 1, keys_only: true });
    } catch (error) {
      next.close();
      throw error;
    }
    const before = this.#members;
    this.#place = place;
    this.#members = next.#members;
    this.#token = next.#token;
    close(before);
    // Left open, one would live on without being looked after, on a connection that nobody has any more.
    for (const stream of this.#streams) {
      stream.cancel();
    }
  }

  /**
   * A call that may reach etcd twice, when a member took it and its answer was lost: who calls sees to it that
   * nothing is done twice.
   *
   * @param patience milliseconds after which no member is asked any more
   * @throws Problem STORE_UNAVAILABLE with etcd's reason
   */
  async call<Answer>(
    service: keyof Clients,
    method: string,
    request: object,
    patience = this.#patience.all,
  ): Promise<Answer> {
    const end = performance.now() + patience;
    for (let tried = 1; ; tried++) {
      const member = this.#preferred;
      try {
        const limit = Math.min(this.#patience.turn, end - performance.now());
        return await this.#ask<Answer>(member, service, method, request, limit);
      } catch (error) {
        if (error instanceof Problem) {
          throw error;
        }
        const failure = error as ServiceError;
        this.#forgetToken(failure);
        const isLast = performance.now() + pause >= end;
        if (!isPassing(failure) || isLast) {
          throw new Problem('STORE_UNAVAILABLE', `etcd: ${meaningOf(failure)}`, {}, error);
        }
        this.#passOver(member);
        if (tried % this.#members.length === 0) {
          await sleep(pause);
        }
      }
    }
  }

  /** One request and one answer on a stream of their own; not tried again. @throws what etcd says */
  async exchange<Answer>(
    service: keyof Clients,
    method: string,
    request: object,
    patience: number,
  ): Promise<Answer> {
    const stream = await this.stream<object, Answer>(service, method, Date.now() + patience);
    return new Promise<Answer>((resolve, reject) => {
      stream.once('data', (answer: Answer) => {
        resolve(answer);
        stream.end();
      });
      stream.on('error', (error: ServiceError) => reject(new Error(meaningOf(error), { cause: error })));
      stream.once('end', () => reject(new Error('etcd ended the stream')));
      stream.write(request);
    });
  }

  /** A stream with the preferred member; its end or error is the caller's to see. */
  async stream<Request, Answer>(
    service: keyof Clients,
    method: string,
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<ClientDuplexStream<Request, Answer>> {
    const member = this.#preferred;
    const metadata = await this.#metadata();
    const client = this.#of(member)[service];
    const stream: ClientDuplexStream<Request, Answer> = client[method]?.call(client, metadata, {
      deadline,
    });
    this.#streams.add(stream);
    // The last that is ever told of it; 'close' isn't, where it is not ended from here.
    stream.once('status', () => this.#streams.delete(stream));
    stream.once('error', (error: ServiceError) => {
      this.#forgetToken(error);
      this.#passOver(member);
    });
    return stream;
  }

  close(): void {
    close(this.#members);
  }

  /** The next call goes to another member, unless one has passed over it already. */
  #passOver(member: number): void {
    if (this.#preferred === member) {
      this.#preferred = (member + 1) % this.#members.length;
    }
  }

  #of(member: number): Clients {
    const clients = this.#members[member];
    if (clients === undefined) {
      throw new Error(`there is no member ${member}`);
    }
    return clients;
  }

  async #ask<Answer>(
    member: number,
    service: keyof Clients,
    method: string,
    request: object,
    limit: number,
  ): Promise<Answer> {
    const metadata = service === 'Auth' ? new Metadata() : await this.#metadata();
    const client = this.#of(member)[service];
    return new Promise<Answer>((resolve, reject) => {
      const deadline = Date.now() + limit;
      client[method]?.call(
        client,
        request,
        metadata,
        { deadline },
        (error: ServiceError | null, answer: Answer) => (error === null ? resolve(answer) : reject(error)),
      );
    });
  }

  async #metadata(): Promise<Metadata> {
    const metadata = new Metadata();
    // A member that is cut off from the others says so instead of waiting for them.
    metadata.set('hasleader', 'true');
    if (this.#place.user !== null) {
      const { name, password } = this.#place.user;
      this.#token ??= this.call<{ token: string }>('Auth', 'Authenticate', { name, password }).then(
        ({ token }) => token,
      );
      try {
        metadata.set('token', await this.#token);
      } catch (error) {
        this.#token = null;
        throw error;
      }
    }
    return metadata;
  }

  /** Tokens end after minutes without use, with a restart of etcd, and when its users are changed. */
  #forgetToken(error: ServiceError): void {
    if (isOfOldToken(error)) {
      this.#token = null;
    }
  }
}

function clientsOf(place: EtcdPlace): Clients[] {
  return place.endpoints.map((url) => clientsTo(url, place));
}

function close(members: readonly Clients[]): void {
  for (const client of members.flatMap(Object.values)) {
    client.close();
  }
}

function clientsTo(url: URL, place: EtcdPlace): Clients {
  const { credentials, options } = channelTo(url, place);
  const make = (service: keyof typeof services) =>
    new services[service](addressOf(url), credentials, { ...channelOptions, ...options });
  return {
    KV: make('KV'),
    Lease: make('Lease'),
    Watch: make('Watch'),
    Maintenance: make('Maintenance'),
    Auth: make('Auth'),
  };
}

/** With etcd's port where none is given. */
function addressOf(url: URL): string {
  return `${url.hostname}:${url.port === '' ? 2379 : url.port}`;
}
