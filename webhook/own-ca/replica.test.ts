import fc from 'fast-check';
import { type Authority, bundleOf, type Contents } from './contents.ts';
import type { Step } from './next-step.ts';
import { Replica } from './replica.ts';
import { namesOf, type OwnCaSettings, settleMs } from './settings.ts';
import type { ConfigurationView, SecretView, View } from './view.ts';

const hour = 3_600_000;
const settings: OwnCaSettings = {
  namespace: 'realip-system',
  secret: 'realip-webhook-ca',
  webhook: 'realip-webhook',
  service: 'realip-webhook',
  sans: [],
  caMs: 9_000 * hour,
  servingMs: 2_000 * hour,
  overlapMs: 24 * hour,
};

interface Stored {
  readonly version: number;
  readonly view: SecretView;
}

interface StoredConfiguration extends ConfigurationView {
  readonly index: number;
  readonly version: number;
  /** Since when it carries each authority. */
  readonly since: ReadonlyMap<string, number>;
}

/** The API server with its Secret and two configurations, and a clock of its own that may step. */
class World {
  at = 1_000_000;
  clock = 1_700_000_000_000;
  #made = 0;
  #version = 0;
  secret: Stored = { version: 0, view: { kind: 'absent' } };
  configurations: StoredConfiguration[] = [0, 1].map((index) => this.#configuration(index, []));

  get now(): number {
    return this.clock + this.at;
  }

  #configuration(index: number, carried: readonly Authority[], entries = 2): StoredConfiguration {
    const before = this.configurations?.[index]?.since ?? new Map<string, number>();
    const bundle = carried.map(({ pem }) => pem).join('');
    return {
      index,
      kind: `Configuration ${index}`,
      version: ++this.#version,
      since: new Map(carried.map(({ id }) => [id, before.get(id) ?? this.at])),
      entries: Array.from({ length: entries }, (_, n) => ({ name: `e${n}`, bundle, authorities: carried })),
    };
  }

  get trusted(): readonly Authority[] {
    return this.secret.view.kind === 'good' ? this.secret.view.contents.trusted : [];
  }

  authority(): Authority {
    const id = `ca-${++this.#made}`;
    return { id, pem: `${id}\n`, from: this.now - hour, until: this.now + settings.caMs };
  }

  contents(trusted: Contents['trusted'], retired: readonly string[]): Contents {
    const id = `leaf-${++this.#made}`;
    const [{ id: issuer }] = trusted;
    const until = this.now + settings.servingMs;
    const serving = { id, issuer, from: this.now - hour, until, names: namesOf(settings), cert: id, key: id };
    return { trusted, signingKey: issuer, serving, retired };
  }

  store(view: SecretView): void {
    this.secret = { version: ++this.#version, view };
  }

  /** As the API server does it: only when nobody wrote since it was read. */
  write(read: Stored, contents: Contents): void {
    if (this.secret.version === read.version) {
      this.store({ kind: 'good', contents });
    }
  }

  patch(read: StoredConfiguration, carried: readonly Authority[]): void {
    if (this.configurations[read.index]?.version === read.version) {
      this.set(read.index, carried);
    }
  }

  set(index: number, carried: readonly Authority[]): void {
    this.configurations[index] = this.#configuration(index, carried);
  }
}

type Next = { readonly did: 'nothing' } | Looking | Deciding;
interface Looking {
  readonly did: 'looking';
  readonly began: number;
  readonly configurations: readonly StoredConfiguration[];
}
interface Deciding {
  readonly did: 'decided';
  readonly step: Step<StoredConfiguration>;
  readonly secret: Stored;
}

/** A replica whose every call to the API server is a step of its own, so that others can come in between. */
class Process {
  readonly #world: World;
  replica = new Replica(settings);
  #next: Next = { did: 'nothing' };

  constructor(world: World) {
    this.#world = world;
  }

  restart(): void {
    this.replica = new Replica(settings);
    this.#next = { did: 'nothing' };
  }

  go(): void {
    const world = this.#world;
    const now = this.#next;
    if (now.did === 'nothing') {
      this.#next = { did: 'looking', began: world.at, configurations: world.configurations.slice(0, 1) };
    } else if (now.did === 'looking' && now.configurations.length === 1) {
      const configurations = [...now.configurations, ...world.configurations.slice(1)];
      this.#next = { ...now, configurations };
    } else if (now.did === 'looking') {
      const { secret } = world;
      const view: View<StoredConfiguration> = {
        secret: secret.view,
        configurations: now.configurations,
        now: world.now,
      };
      this.#next = { did: 'decided', secret, step: this.replica.saw(view, now.began, world.at) };
    } else {
      this.#perform(now);
      this.#next = { did: 'nothing' };
    }
  }

  #perform({ step, secret }: Deciding): void {
    const world = this.#world;
    if (step.kind === 'make-authority') {
      world.write(secret, world.contents([world.authority(), ...step.keep], step.retired));
    } else if (step.kind === 'make-serving') {
      world.write(secret, world.contents(step.contents.trusted, step.contents.retired));
    } else if (step.kind === 'take-in' || step.kind === 'retire') {
      world.write(secret, step.contents);
    } else if (step.kind === 'patch') {
      world.patch(step.configuration, secret.view.kind === 'good' ? secret.view.contents.trusted : []);
    }
  }
}

type Event =
  | { readonly calls: number; readonly of: 'a' | 'b' }
  | { readonly pause: number }
  | { readonly step: number }
  | { readonly trouble: keyof typeof troubles };

// Four calls are a look and what follows from it; a rotation takes a few of those.
const calls = fc.record({ calls: fc.constantFrom(1, 2, 3, 4, 4, 16), of: fc.constantFrom('a', 'b') });
const pauses = fc
  .constantFrom(10, settleMs, settleMs, hour, 3 * hour, 7 * hour, 13 * hour, 23 * hour, 25 * hour)
  .map((pause) => ({ pause }));
const steps = fc
  .constantFrom(-10_000 * hour, -hour, hour, 1_500 * hour, 100_000 * hour)
  .map((step) => ({ step }));

type Trouble = (world: World, a: Process, b: Process) => void;

const troubles = {
  'a restarts': (_, a) => a.restart(),
  'b restarts': (_, __, b) => b.restart(),
  'the Secret is deleted': (world) => world.store({ kind: 'absent' }),
  'the Secret loses its keys': (world) => world.store(damaged(world.trusted)),
  'the Secret loses all': (world) => world.store(damaged([])),
  'a caBundle is emptied': (world) => world.set(0, []),
  'another CA is put into a caBundle': (world) => world.set(1, [world.authority()]),
} satisfies Record<string, Trouble>;

function damaged(authorities: readonly Authority[]): SecretView {
  return { kind: 'damaged', reason: 'tried', authorities };
}

function troubleOf(...names: (keyof typeof troubles)[]): fc.Arbitrary<Event> {
  return fc.constantFrom(...names).map((trouble) => ({ trouble }));
}

const inner = troubleOf(
  'a restarts',
  'b restarts',
  'the Secret is deleted',
  'the Secret loses its keys',
  'the Secret loses all',
);
const outer = troubleOf('a caBundle is emptied', 'another CA is put into a caBundle');

function happen(world: World, a: Process, b: Process, event: Event): void {
  if ('calls' in event) {
    for (let call = 0; call < event.calls; call++) {
      (event.of === 'a' ? a : b).go();
    }
  } else if ('pause' in event) {
    world.at += event.pause;
  } else if ('step' in event) {
    world.clock += event.step;
  } else {
    const trouble: Trouble = troubles[event.trouble];
    trouble(world, a, b);
  }
}

/** Lets time pass in short pauses while both replicas work, as they do when nothing is in the way. */
function settle(world: World, a: Process, b: Process, ms: number): void {
  const end = world.at + ms;
  while (world.at < end) {
    for (let calls = 0; calls < 40; calls++) {
      a.go();
      b.go();
    }
    world.at += Math.min(hour, ms / 4);
  }
}

/** What a ready replica must keep; `servedBefore` is what it served when it was looked at before. */
function expectTrusted(world: World, { inUse }: Replica, servedBefore: string | undefined): void {
  const { issuer = '', id = '' } = inUse ?? {};
  for (const { since } of world.configurations) {
    expect([...since.keys()]).toContain(issuer);
    if (servedBefore !== id) {
      // An API server may hear of a configuration a little later than it is written.
      expect(world.at - (since.get(issuer) ?? world.at)).toBeGreaterThanOrEqual(settleMs);
    }
  }
}

test('whatever two replicas and the clocks do, a ready one serves what every configuration verifies', () => {
  const event = fc.oneof(
    { weight: 16, arbitrary: calls },
    { weight: 8, arbitrary: pauses },
    { weight: 1, arbitrary: steps },
    { weight: 2, arbitrary: inner },
  );
  let wasReady = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 20, maxLength: 300 }), fc.boolean(), (events, isSettled) => {
      const world = new World();
      const [a, b] = [new Process(world), new Process(world)];
      if (isSettled) {
        settle(world, a, b, 4 * settleMs);
      }
      const served = new Map<Process, string | undefined>();
      for (const each of events) {
        happen(world, a, b, each);
        for (const process of [a, b]) {
          const isReady = process.replica.notReady(world.at) === null;
          if (isReady) {
            wasReady += 1;
            expectTrusted(world, process.replica, served.get(process));
          }
          served.set(process, isReady ? process.replica.inUse?.id : undefined);
        }
      }
    }),
    { numRuns: 600 },
  );
  expect(wasReady).toBeGreaterThan(1_000);
});

test('whatever happened, two replicas that are left alone agree, are ready, and end with one CA', () => {
  const event = fc.oneof(
    { weight: 6, arbitrary: calls },
    { weight: 2, arbitrary: pauses },
    steps,
    inner,
    outer,
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const world = new World();
      const [a, b] = [new Process(world), new Process(world)];
      for (const each of events) {
        happen(world, a, b, each);
      }
      settle(world, a, b, 4 * settleMs);
      expect([a, b].map(({ replica }) => replica.notReady(world.at))).toEqual([null, null]);
      settle(world, a, b, 3 * settings.overlapMs);
      const { view } = world.secret;
      const contents = view.kind === 'good' ? view.contents : undefined;
      expect(contents?.trusted).toHaveLength(1);
      for (const { entries } of world.configurations) {
        expect(entries.map(({ bundle }) => bundle)).toEqual(
          entries.map(() => contents && bundleOf(contents)),
        );
      }
      expect([a, b].map(({ replica }) => replica.inUse?.id)).toEqual([
        contents?.serving.id,
        contents?.serving.id,
      ]);
    }),
    { numRuns: 150 },
  );
});

test('in peace a CA lasts until a third of its life is left, and nothing is written twice', () => {
  const world = new World();
  const [a, b] = [new Process(world), new Process(world)];
  settle(world, a, b, 4 * settleMs);
  const first = world.secret;
  const until = () => (world.secret.view.kind === 'good' ? world.secret.view.contents.trusted[0].until : 0);
  world.at += (settings.servingMs * 2) / 3 - hour;
  settle(world, a, b, hour / 2);
  expect(world.secret).toBe(first);
  const end = until();
  world.at += 2 * hour;
  settle(world, a, b, hour / 2);
  expect(world.secret).not.toBe(first);
  expect(until()).toBe(end);
  while (until() === end) {
    world.at += 24 * hour;
    settle(world, a, b, 4 * settleMs);
  }
  expect((end - world.now) / settings.caMs).toBeCloseTo(1 / 3, 1);
});

test('a Secret of somebody else is told and never written to', () => {
  const world = new World();
  const a = new Process(world);
  world.store({ kind: 'foreign', reason: 'the Secret is of another' });
  const { secret } = world;
  settle(world, a, new Process(world), hour);
  expect(world.secret).toBe(secret);
  expect(a.replica.notReady(world.at)).toBe('the Secret is of another');
});
