import type { Logger } from 'winston';
import { reasonOf } from '../../../core/problem/problem.ts';
import { files } from '../../files.ts';
import type { IpamServer } from './ipam-server.ts';
import { Refusal } from './refusal.ts';

export interface RegistrationParts {
  readonly server: Pick<IpamServer, 'zone' | 'register'>;
  readonly node: string;
  /** As the admin said. */
  readonly zone: string | undefined;
  /** Where the zone is kept: a restored ledger may not know this node, and its agent registers it again. */
  readonly file: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Sees to it that the server knows this node. */
export class Registration {
  readonly #parts: RegistrationParts;
  #isKnown = false;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /** @throws Refusal NODE_UNKNOWN where the node is not registered and its zone isn't known here either */
  async ensure(): Promise<void> {
    if (this.#isKnown) {
      return;
    }
    const { server, node, zone, log } = this.#parts;
    try {
      this.#remember(await server.zone());
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) {
        throw error;
      }
      const known = zone ?? this.#remembered();
      if (known === undefined) {
        const words = `node ${node} is not registered: PUT /v1/nodes/${node} {"zone": …}, or start the agent with --zone`;
        throw new Refusal(error.status, 'NODE_UNKNOWN', words, error.body);
      }
      await server.register(known);
      log.info('registered at the server', { node, zone: known });
      this.#remember(known);
    }
    this.#isKnown = true;
  }

  /** A ledger that was restored may not know this node any more. */
  failed(error: unknown): void {
    if (error instanceof Refusal && error.code === 'NODE_UNKNOWN') {
      this.#isKnown = false;
    }
  }

  #remembered(): string | undefined {
    try {
      return files().readFileSync(this.#parts.file, 'utf8').trim() || undefined;
    } catch {
      return undefined;
    }
  }

  #remember(zone: string): void {
    if (this.#remembered() === zone) {
      return;
    }
    try {
      files().writeFileSync(this.#parts.file, `${zone}\n`, { mode: 0o600 });
    } catch (error) {
      this.#parts.log.warn('the zone of this node could not be noted', { reason: reasonOf(error) });
    }
  }
}
