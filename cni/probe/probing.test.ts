import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { type Line, probe, schedule } from './probing.ts';
import { questionFrame } from './question.ts';

const own = Mac.parse('02:00:00:00:00:01');
const other = Mac.parse('02:00:00:00:00:02');
const [first, second] = [Ip.parse('10.9.1.5'), Ip.parse('fd00:9::5')];

/** A network on which others' frames arrive at set times, in milliseconds. */
class Trial {
  readonly sent: number[] = [];
  now = 1_000;
  readonly #arrivals: { readonly at: number; readonly frame: Uint8Array }[];
  readonly #line: Line;

  constructor(...arrivals: { readonly at: number; readonly frame: Uint8Array }[]) {
    this.#arrivals = arrivals.map(({ at, frame }) => ({ at: at + this.now, frame }));
    this.#line = {
      frames: [questionFrame(own, first)],
      socket: {
        send: () => this.sent.push(this.now - 1_000),
        receive: () => {
          const [next] = this.#arrivals;
          return next && next.at <= this.now ? this.#arrivals.shift()?.frame : undefined;
        },
      },
    };
  }

  run(ips: readonly Ip[]) {
    const claims = probe([this.#line], ips, [own], {
      now: () => this.now,
      wait: (milliseconds) => {
        const arrival = this.#arrivals[0]?.at ?? Number.POSITIVE_INFINITY;
        this.now = Math.max(this.now, Math.min(this.now + milliseconds, arrival));
      },
    });
    return { claims: claims.map(({ ip, mac }) => `${ip} ${mac}`), took: this.now - 1_000 };
  }
}

const claimOf = (ip: Ip) => questionFrame(other, ip);

test('with nobody there each probe goes out at its time, and listening ends at its own', () => {
  const trial = new Trial();
  expect(trial.run([first])).toEqual({ claims: [], took: schedule.end });
  expect(trial.sent).toEqual(schedule.sendAt);
});

test('an answer ends it at once, and no further probe is sent', () => {
  const trial = new Trial({ at: 1, frame: claimOf(first) });
  expect(trial.run([first])).toEqual({ claims: [`${first} ${other}`], took: 1 });
  expect(trial.sent).toEqual([0]);
});

test('the second address is waited for a moment longer', () => {
  const quick = new Trial({ at: 1, frame: claimOf(first) }, { at: 3, frame: claimOf(second) });
  expect(quick.run([first, second])).toEqual({
    claims: [`${first} ${other}`, `${second} ${other}`],
    took: 3,
  });
  const slow = new Trial({ at: 1, frame: claimOf(first) });
  expect(slow.run([first, second])).toEqual({ claims: [`${first} ${other}`], took: 1 + schedule.settle });
});

test('an answer to the last probe is heard to the end', () => {
  const trial = new Trial({ at: schedule.end - 1, frame: claimOf(first) });
  expect(trial.run([first]).claims).toEqual([`${first} ${other}`]);
});

test('others’ frames disturb neither the times nor the result', () => {
  const noise = Array.from({ length: 200 }, (_, at) => ({
    at: at / 2,
    frame: claimOf(Ip.parse('10.9.1.6')),
  }));
  const trial = new Trial(...noise);
  expect(trial.run([first])).toEqual({ claims: [], took: schedule.end });
  expect(trial.sent).toEqual(schedule.sendAt);
});

test('two answers for one address are one claim, the first', () => {
  const third = Mac.parse('02:00:00:00:00:03');
  const trial = new Trial({ at: 1, frame: claimOf(first) }, { at: 1, frame: questionFrame(third, first) });
  expect(trial.run([first]).claims).toEqual([`${first} ${other}`]);
});
