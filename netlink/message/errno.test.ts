import { constants } from 'node:os';
import { errno, errnoName } from './errno.ts';

test('every errno that Node knows has its name', () => {
  const aliases = ['EWOULDBLOCK', 'ENOTSUP'];
  for (const [name, number] of Object.entries(constants.errno)) {
    if (!aliases.includes(name)) {
      expect([number, errnoName(number)]).toEqual([number, name]);
    }
  }
});

test('the numbers that we use are Linux’s', () => {
  for (const [name, number] of Object.entries(errno)) {
    expect(errnoName(number)).toBe(name);
  }
});

test('a number without a name stays one', () => {
  expect(errnoName(41)).toBe('errno 41');
  expect(errnoName(512)).toBe('errno 512');
  expect(errnoName(133)).toBe('EHWPOISON');
});
