import { requestIdOf } from './request-id.ts';

const now = Date.UTC(2026, 0, 2);

test('a request id says what is done for which container, and when', () => {
  const env = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: '5f0c2a9b1c3d4e5f60718293a4b5c6d7' };
  expect(requestIdOf(env, now)).toBe(`add-5f0c2a9b1c3d4-${now.toString(36)}`);
});

test('where no container is named, or none can have such a name, it is left out', () => {
  expect(requestIdOf({ CNI_COMMAND: 'STATUS' }, now)).toBe(`status-${now.toString(36)}`);
  expect(requestIdOf({ CNI_COMMAND: 'GC', CNI_CONTAINERID: 'a\r\nb' }, now)).toBe(`gc-${now.toString(36)}`);
  expect(requestIdOf({}, now)).toBe(`command-${now.toString(36)}`);
});
