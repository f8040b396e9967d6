import { vector } from '../testing/vector.ts';
import { decodeAcknowledgement } from './acknowledgement.ts';
import { isErrno, NetlinkError } from './netlink-error.ts';

const header = '20 00 00 00  10 00 05 06  01 00 00 00  00 00 00 00'; // of the request: 32 octets
const attributes = `
  08 00 02 00  18 00 00 00               # NLMSGERR_ATTR_OFFS 24
  0c 00 01 00  42 61 64 20  6e 61 6d 00  # NLMSGERR_ATTR_MSG "Bad nam"`;

function error(flags: number, body: string) {
  return { type: 2, flags, sequence: 1, port: 0, body: vector(body) };
}

test('a zero is an acknowledgement', () => {
  expect(decodeAcknowledgement(error(0x100, `00 00 00 00 ${header}`)).errno).toBe(0);
});

test('the kernel’s message and offset follow the header of a capped request', () => {
  const verdict = decodeAcknowledgement(error(0x300, `ea ff ff ff ${header} ${attributes}`));
  expect(verdict).toEqual({ errno: 22, message: 'Bad nam', offset: 24 });
});

test('they follow the whole request where the kernel does not cap it', () => {
  const request = `${header} 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`;
  expect(decodeAcknowledgement(error(0x200, `ea ff ff ff ${request} ${attributes}`)).message).toBe('Bad nam');
});

test('a dump that fails says so in its NLMSG_DONE', () => {
  const done = { ...error(0x202, `ea ff ff ff ${attributes}`), type: 3 };
  expect(decodeAcknowledgement(done)).toEqual({ errno: 22, message: 'Bad nam', offset: 24 });
});

test('an error says operation, errno and the kernel’s words', () => {
  const refusal = new NetlinkError('create macvlan eth0 on uplink', 17, 'Device exists');
  expect(refusal.message).toBe('could not create macvlan eth0 on uplink: EEXIST (17): Device exists');
  expect(isErrno(refusal, 'ENODEV', 'EEXIST')).toBe(true);
  expect(isErrno(refusal, 'ENODEV')).toBe(false);
  expect(isErrno(new Error('EEXIST'), 'EEXIST')).toBe(false);
});
