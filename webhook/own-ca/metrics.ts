import { Counter, Gauge, type Registry } from 'prom-client';

/** Figures of certificates that the webhook makes itself; when the one in use ends, its other metrics say. */
export class OwnCaMetrics {
  readonly #caExpiry: Gauge;
  readonly #looked: Gauge;
  readonly #rotations: Counter<'what'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#caExpiry = new Gauge({
      name: 'realip_webhook_ca_expiry_timestamp_seconds',
      help: 'When the CA ends that signs the webhook’s certificates.',
      registers,
    });
    this.#looked = new Gauge({
      name: 'realip_webhook_own_ca_looked_timestamp_seconds',
      help: 'When Secret and webhook configurations were last read.',
      registers,
    });
    this.#rotations = new Counter({
      name: 'realip_webhook_own_ca_rotations_total',
      help: 'CAs and serving certificates that this replica has made.',
      labelNames: ['what'],
      registers,
    });
    for (const what of ['ca', 'serving']) {
      this.#rotations.inc({ what }, 0);
    }
  }

  looked(): void {
    this.#looked.setToCurrentTime();
  }

  caSeen(until: number): void {
    this.#caExpiry.set(until / 1000);
  }

  rotated(what: 'ca' | 'serving'): void {
    this.#rotations.inc({ what });
  }
}
