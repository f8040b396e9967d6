import { type Change, eventWriter } from './event.ts';

test('the text of an event is its JSON, whatever stands in it', () => {
  const context = { actor: 'al"ice', from: '::1', request: 'a\\b\nc' };
  const change: Change = { type: 'range.created', addresses: [], object: 'r', after: { '}': '{"', x: null } };
  const write = eventWriter(context);
  const time = Date.parse('2026-01-31T08:15:00Z');
  const first = write(1, time, change);
  expect(JSON.parse(first.text)).toEqual({
    id: 1,
    time: '2026-01-31T08:15:00.000Z',
    ...change,
    ...context,
  });
  const second = write(2, time + 1, { type: 'released', addresses: ['10.9.1.7'] });
  expect(second).toMatchObject({ id: 2, time: time + 1, addresses: ['10.9.1.7'] });
  expect(JSON.parse(second.text)).toEqual({
    id: 2,
    time: '2026-01-31T08:15:00.001Z',
    type: 'released',
    addresses: ['10.9.1.7'],
    ...context,
  });
});
