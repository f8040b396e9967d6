import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'winston';
import { reasonOf } from '../../core/problem/problem.ts';
import type { KeyPair } from '../../service/certificate.ts';
import type { Companion } from '../companion.ts';
import type { ApiServer } from '../kube/api-server.ts';
import { ClusterObjects, type FoundConfiguration, type Look } from './cluster-objects.ts';
import type { Contents, Serving } from './contents.ts';
import type { OwnCaMetrics } from './metrics.ts';
import { mintAuthority, mintServing } from './mint.ts';
import type { Step } from './next-step.ts';
import { Replica } from './replica.ts';
import { authoritiesIn, servingOf } from './secret.ts';
import { freshMs, namesOf, type OwnCaSettings } from './settings.ts';

/** Changes are heard of at once; so often it is looked without having heard of any. */
const everyMs = 10_000;
/** After a failure, and between two watches. */
const retryMs = 1_000;
const conflictMs = 300;
/** Certificates begin a little before they are made, for verifiers whose clock is behind. */
const backdatedMs = 3_600_000;

/** Keeps Secret and configurations as they should be, and tells which pair is to be served. */
export class OwnCa implements Companion {
  readonly #api: ApiServer;
  readonly #objects: ClusterObjects;
  readonly #settings: OwnCaSettings;
  readonly #replica: Replica;
  readonly #log: Logger;
  readonly #metrics: OwnCaMetrics;
  readonly #renewed: (pair: KeyPair) => void;
  readonly #end = new AbortController();
  readonly #ready: Promise<void>;
  #becomesReady: () => void = () => {};
  #served: string | null = null;
  #complaint: string | null = null;
  #isWoken = false;
  #wake = (): void => {
    this.#isWoken = true;
  };

  /** @param renewed is told each pair that new connections shall have */
  constructor(
    api: ApiServer,
    settings: OwnCaSettings,
    log: Logger,
    metrics: OwnCaMetrics,
    renewed: (pair: KeyPair) => void,
  ) {
    this.#api = api;
    this.#objects = new ClusterObjects(api, settings);
    this.#settings = settings;
    this.#replica = new Replica(settings);
    this.#log = log;
    this.#metrics = metrics;
    this.#renewed = renewed;
    this.#ready = new Promise((resolve) => {
      this.#becomesReady = resolve;
    });
  }

  start(): void {
    void this.#run();
    for (const path of this.#objects.watched) {
      void this.#watch(path);
    }
  }

  stop(): void {
    this.#end.abort();
    this.#wake();
  }

  notReady(): string | null {
    const reason = this.#replica.notReady(performance.now());
    this.#serve();
    if (reason === null) {
      this.#becomesReady();
    }
    return reason !== null && this.#complaint !== null ? `${reason} (${this.#complaint})` : reason;
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      let pauseMs = retryMs;
      try {
        pauseMs = await this.#round();
        this.#complaint = null;
      } catch (error) {
        this.#complain(reasonOf(error));
      }
      await this.#sleep(pauseMs);
      this.notReady();
    }
  }

  /** One look and what follows from it; gives the time to the next. */
  async #round(): Promise<number> {
    this.#isWoken = false;
    const began = performance.now();
    const look = await this.#objects.look();
    const ended = performance.now();
    this.#metrics.looked();
    const step = this.#replica.saw(look.view, began, ended);
    this.#serve();
    const { secret } = look.view;
    if (secret.kind === 'foreign') {
      throw new Error(secret.reason);
    }
    if (secret.kind === 'good') {
      this.#metrics.caSeen(secret.contents.trusted[0].until);
    }
    if (step.kind !== 'rest') {
      const isDone = await this.#take(step, look);
      // Another replica was faster: the two shall not go on in step.
      return isDone ? 0 : Math.random() * conflictMs;
    }
    const pauseMs = Math.min(everyMs, freshMs(this.#settings) / 4);
    const { settled } = this.#replica;
    return settled === null ? pauseMs : Math.min(pauseMs, Math.max(0, settled - ended));
  }

  /** Reports whether it could be done, because nobody else wrote meanwhile. */
  async #take(step: Exclude<Step<FoundConfiguration>, { kind: 'rest' }>, look: Look): Promise<boolean> {
    switch (step.kind) {
      case 'make-authority':
        return this.#makeAuthority(step, look);
      case 'make-serving': {
        const { contents, names, reason } = step;
        const serving = this.#mint(contents.trusted, contents.signingKey, names, look);
        const facts = { reason, names, until: text(serving.until) };
        return this.#write(
          { ...contents, serving },
          look,
          ['serving'],
          'a serving certificate was made',
          facts,
        );
      }
      case 'take-in':
      case 'retire': {
        const message =
          step.kind === 'retire' ? 'old CAs are retired' : 'CAs that a configuration has are kept';
        return this.#write(step.contents, look, [], message, { ids: step.changed.map(({ id }) => id) });
      }
      case 'patch': {
        const { kind, entries } = step.configuration;
        const isDone = await this.#objects.patch(step.configuration, step.bundle);
        if (isDone) {
          this.#log.info('the caBundle was set', { kind, webhooks: entries.map(({ name }) => name) });
        }
        return isDone;
      }
    }
  }

  #makeAuthority(step: Extract<Step, { kind: 'make-authority' }>, look: Look): Promise<boolean> {
    const { now } = look.view;
    const ca = mintAuthority({ from: now - backdatedMs, until: now + this.#settings.caMs });
    const [made] = authoritiesIn(ca.cert);
    if (made === undefined) {
      throw new Error('the CA that was made can’t be read');
    }
    const trusted: Contents['trusted'] = [made, ...step.keep];
    const serving = this.#mint(trusted, ca.key, namesOf(this.#settings), look);
    const contents = { trusted, signingKey: ca.key, serving, retired: step.retired };
    const facts = { reason: step.reason, id: made.id, until: text(made.until) };
    return this.#write(contents, look, ['ca', 'serving'], 'a CA was made', facts);
  }

  async #write(
    contents: Contents,
    look: Look,
    rotated: readonly ('ca' | 'serving')[],
    message: string,
    facts: object,
  ): Promise<boolean> {
    const isDone = await this.#objects.write(contents, look);
    if (isDone) {
      for (const what of rotated) {
        this.#metrics.rotated(what);
      }
      this.#log.info(message, facts);
    }
    return isDone;
  }

  #mint(trusted: Contents['trusted'], key: string, names: readonly string[], look: Look): Serving {
    const [{ pem: cert, until: end }] = trusted;
    const { now } = look.view;
    const life = { from: now - backdatedMs, until: Math.min(end, now + this.#settings.servingMs) };
    const pair = mintServing(names, life, { cert, key });
    return servingOf(pair.cert, pair.key, trusted);
  }

  #serve(): void {
    const { inUse } = this.#replica;
    if (inUse === null || inUse.id === this.#served) {
      return;
    }
    this.#served = inUse.id;
    this.#renewed({
      cert: Buffer.from(inUse.cert),
      key: Buffer.from(inUse.key),
      expires: new Date(inUse.until),
    });
    this.#log.info('certificate in use', { expires: text(inUse.until), names: inUse.names });
  }

  async #watch(path: string): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await this.#api.watch(path, this.#end.signal, () => this.#wake());
      } catch (error) {
        this.#log.debug('a watch broke', { path, error: reasonOf(error) });
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      this.#wake();
    }
  }

  /** Ends early when something has changed, also while the last round was on. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isWoken) {
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        this.#isWoken = true;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Says each reason once, not at every look. */
  #complain(reason: string): void {
    if (reason !== this.#complaint) {
      this.#complaint = reason;
      this.#log.error('the CA can’t be looked after; what is in use stays in use', { reason });
    }
  }
}

/** A pair for the time until the Secret was read: it answers health checks, and nobody trusts it. */
export function placeholderPair(settings: OwnCaSettings, now: number): KeyPair {
  const until = now + backdatedMs;
  const { cert, key } = mintServing(namesOf(settings), { from: now - backdatedMs, until }, null);
  return { cert: Buffer.from(cert), key: Buffer.from(key), expires: new Date(until) };
}

function text(ms: number): string {
  return new Date(ms).toISOString();
}
