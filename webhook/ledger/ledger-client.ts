import { readFile } from 'node:fs/promises';
import { Compile } from 'typebox/compile';
import type { Ip } from '../../core/address/ip.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import { AddressReport } from '../../schema/address.ts';
import type { Looked } from '../validation/address-check.ts';
import { type Answer, Connections } from './ask.ts';
import { Breaker } from './breaker.ts';

/** All tries together; the API server waits 2 s, of which a namespace's labels may take one. */
const limitMs = 500;

/** The IPAM servers, and how they are asked. */
export interface LedgerSettings {
  readonly urls: readonly string[];
  /** Read at every question: the kubelet writes a new token before the old one ends. */
  readonly tokenFile: string | null;
  readonly caFile: string | null;
}

/** How a question ended. */
export type Outcome = 'answered' | 'failed' | 'skipped';

export interface LedgerParts {
  readonly counted: (outcome: Outcome) => void;
  readonly log: { warn(message: string, facts: object): void; info(message: string, facts: object): void };
  readonly now?: () => number;
}

const report = Compile(AddressReport);

/** Asks the IPAM server about addresses. Nothing depends on it: one that is away costs half a second now and then. */
export class LedgerClient {
  readonly #settings: LedgerSettings;
  readonly #parts: LedgerParts;
  readonly #now: () => number;
  readonly #breaker = new Breaker();
  #connections: { readonly ca: string; readonly to: Connections } | null = null;
  /** The one that answered last. */
  #first = 0;

  constructor(settings: LedgerSettings, parts: LedgerParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** Tells at once of files that can't be read: the first question may be long in coming. Never throws. */
  async tellUnreadable(): Promise<void> {
    for (const file of [this.#settings.tokenFile, this.#settings.caFile]) {
      await contents(file).catch((error: unknown) =>
        this.#parts.log.warn(
          'a file for asking the IPAM server can’t be read yet; addresses pass unchecked',
          {
            file,
            reason: reasonOf(error),
          },
        ),
      );
    }
  }

  /** What the ledger says of an address; null where it says nothing that can be understood. Never throws. */
  async look(ip: Ip): Promise<Looked> {
    if (!this.#breaker.mayTry(this.#now(), limitMs)) {
      this.#parts.counted('skipped');
      return null;
    }
    const failures: string[] = [];
    const looked = await this.#ask(ip, failures);
    if (looked === null) {
      this.#breaker.failed(this.#now());
      this.#parts.counted('failed');
      this.#parts.log.warn('the IPAM server could not be asked; addresses pass unchecked', { failures });
      return null;
    }
    if (this.#breaker.isOpen) {
      this.#parts.log.info('the IPAM server answers again', {});
    }
    this.#breaker.succeeded();
    this.#parts.counted('answered');
    return looked;
  }

  async #ask(ip: Ip, failures: string[]): Promise<Looked> {
    const end = this.#now() + limitMs;
    const { urls } = this.#settings;
    for (let tried = 0; tried < urls.length; tried++) {
      const at = (this.#first + tried) % urls.length;
      const url = urls[at] ?? '';
      try {
        const share = (end - this.#now()) / (urls.length - tried);
        const looked = understood(ip, await this.#get(`${url}/v1/addresses/${ip}?facts=true`, share));
        this.#first = at;
        return looked;
      } catch (error) {
        failures.push(`${url}: ${reasonOf(error)}`);
      }
    }
    return null;
  }

  async #get(url: string, limit: number): Promise<Answer> {
    const { tokenFile, caFile } = this.#settings;
    const [token, ca] = await Promise.all([contents(tokenFile), contents(caFile)]);
    if (this.#connections === null || this.#connections.ca !== (ca ?? '')) {
      this.#connections?.to.close();
      this.#connections = { ca: ca ?? '', to: new Connections(ca) };
    }
    return this.#connections.to.get(url, token?.trim() ?? null, Math.max(1, Math.round(limit)));
  }
}

async function contents(file: string | null): Promise<string | null> {
  return file === null ? null : await readFile(file, 'utf8');
}

/** @throws Error for an answer that says nothing about the address */
function understood(ip: Ip, { status, body }: Answer): Exclude<Looked, null> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Error(`status ${status} without JSON`);
  }
  if (status === 404 && codeOf(value) === 'ADDRESS_OUTSIDE_SUBNETS') {
    return 'outside';
  }
  if (status !== 200) {
    throw new Error(`status ${status} ${codeOf(value) ?? ''}`.trim());
  }
  if (!report.Check(value) || value.address !== ip.toString()) {
    throw new Error('the answer is no report on the address');
  }
  return value;
}

function codeOf(value: unknown): string | undefined {
  const code: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'code') : undefined;
  return typeof code === 'string' ? code.slice(0, 64) : undefined;
}
