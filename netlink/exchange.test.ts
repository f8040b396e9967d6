import { Exchange } from './exchange.ts';
import { encodeMessage, flags, type Message, messageTypes } from './message/message.ts';
import type { Socket } from './socket.ts';
import { TracedSocket } from './traced-socket.ts';

const ok = new Uint8Array(20);
const request = { type: messageTypes.RTM_GETLINK, flags: 0, body: new Uint8Array(16) };

/** A kernel that answers as told: faults that the real one does not show when asked. */
class ScriptedSocket implements Socket {
  readonly sent: Uint8Array[] = [];
  readonly #answers: (Partial<Message>[] | number)[];

  constructor(...answers: (Partial<Message>[] | number)[]) {
    this.#answers = answers;
  }

  send(datagram: Uint8Array): number {
    this.sent.push(datagram);
    return 0;
  }

  receive(): Uint8Array | number {
    const answer = this.#answers.shift() ?? 11;
    if (typeof answer === 'number') {
      return answer;
    }
    const whole = { type: messageTypes.RTM_NEWLINK, flags: 0, port: 0, body: ok };
    return Buffer.concat(
      answer.map((each) => encodeMessage({ ...whole, sequence: this.sent.length, ...each })),
    );
  }

  close(): void {}
}

const done = { type: messageTypes.NLMSG_DONE };
const interrupted = { flags: flags.DUMP_INTR };

test('a dump is read over several datagrams up to its end', () => {
  const exchange = new Exchange(new ScriptedSocket([{}, {}], [{}], [done]));
  expect(exchange.dump('list links', request)).toHaveLength(3);
});

test('a dump that the kernel calls interrupted is read again', () => {
  const socket = new ScriptedSocket([interrupted, {}], [done], [{}, done]);
  expect(new Exchange(socket).dump('list links', request)).toHaveLength(1);
  expect(socket.sent).toHaveLength(2);
});

test('a table that never holds still is an error after twenty readings', () => {
  const socket = new ScriptedSocket(...new Array(30).fill([interrupted, done]));
  expect(() => new Exchange(socket).dump('list links', request)).toThrow(
    'could not list links: EINTR (4): the table changed during each of 20 readings',
  );
  expect(socket.sent).toHaveLength(20);
});

test('the late answer to an earlier request is passed over', () => {
  const stale = { type: messageTypes.NLMSG_ERROR, sequence: 99, body: Uint8Array.of(0xef, 255, 255, 255) };
  const socket = new ScriptedSocket([stale], [{}, { type: messageTypes.NLMSG_ERROR }]);
  expect(new Exchange(socket).run('find link', request)).toHaveLength(1);
});

test('silence is a time-out, another failure is told as it is', () => {
  expect(() => new Exchange(new ScriptedSocket(11)).run('find link eth0', request)).toThrow(
    'could not find link eth0: ETIMEDOUT (110): the kernel did not answer in time',
  );
  expect(() => new Exchange(new ScriptedSocket(105)).run('find link eth0', request)).toThrow('ENOBUFS');
});

test('a refusal ends a dump too', () => {
  const refusal = { type: messageTypes.NLMSG_ERROR, body: Uint8Array.of(0xff, 255, 255, 255, ...ok) };
  expect(() => new Exchange(new ScriptedSocket([refusal])).dump('list links', request)).toThrow('EPERM (1)');
});

test('a traced socket tells every message of both directions', () => {
  const lines: string[] = [];
  const socket = new ScriptedSocket([{ type: messageTypes.NLMSG_ERROR }]);
  new Exchange(new TracedSocket(socket, (line) => lines.push(line))).run('find link', request);
  expect(lines).toEqual([
    expect.stringMatching(/^netlink > RTM_GETLINK REQUEST\|ACK #1 /),
    'netlink < NLMSG_ERROR - #1 done',
  ]);
});
