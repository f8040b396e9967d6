import { setTimeout as pause } from 'node:timers/promises';
import type { V1Node } from '@kubernetes/client-node';
import { type Follower, Following } from './following.ts';

/** Faults that a real API server shows only by chance: it is played by a script. */

const node = (name: string, resourceVersion: string): V1Node => ({ metadata: { name, resourceVersion } });
const event = (type: string, object: object) => JSON.stringify({ type, object });

/** What a follower is told, in words; what of it makes the list of what there is. */
class Told implements Follower<V1Node> {
  readonly words: string[] = [];
  readonly broken = (why: string) => this.words.push(`broken: ${why}`);
  begin = () => this.words.push('begin');
  end = () => this.words.push('end');
  live = () => this.words.push('live');
  put = ({ metadata }: V1Node) => this.words.push(`+${metadata?.name}`);
  remove = ({ metadata }: V1Node) => this.words.push(`-${metadata?.name}`);
}

type Watch = (told: { begun: () => void; query: URLSearchParams }) => AsyncGenerator<string>;

/** Follows an API server that gives these pages, and these watches one after the other; the last stays open. */
async function follow(pages: readonly object[], ...watches: Watch[]) {
  const told = new Told();
  const asked: string[] = [];
  const queryOf = (path: string) => new URL(path, 'http://x').searchParams;
  let watched = 0;
  let isOpen = () => {};
  const open = new Promise<void>((resolve) => {
    isOpen = resolve;
  });
  const api = {
    get: async <Body>(path: string) => {
      const at = Number(queryOf(path).get('continue') ?? 0);
      asked.push(`list ${at}`);
      return pages[at] as Body;
    },
    async *lines(path: string, signal: AbortSignal, begun: () => void) {
      const query = queryOf(path);
      asked.push(`watch ${query.get('resourceVersion')}`);
      const watch = watches[watched++];
      if (watch !== undefined) {
        yield* watch({ begun, query });
        return;
      }
      begun();
      isOpen();
      await pause(60_000, undefined, { signal });
    },
  };
  const following = new Following<V1Node>(api, '/api/v1/nodes', {}, told);
  const run = following.run();
  await open;
  following.stop();
  await run;
  return { words: told.words, asked };
}

test('a list of several pages is told as one, and what is watched comes after it', async () => {
  const pages = [
    { items: [node('a', '1')], metadata: { continue: '1' } },
    { items: [node('b', '2')], metadata: { resourceVersion: '7' } },
  ];
  const { words, asked } = await follow(pages, async function* ({ begun }) {
    begun();
    yield event('MODIFIED', node('a', '8'));
    yield event('BOOKMARK', node('', '9'));
    yield '';
  });
  expect(words).toEqual(['begin', '+a', '+b', 'end', 'live', '+a', 'live']);
  // A watch that ended is begun again where it was, without a list.
  expect(asked).toEqual(['list 0', 'list 1', 'watch 7', 'watch 9']);
});

test('what the API server has forgotten is listed again', async () => {
  const pages = [{ items: [node('a', '1')], metadata: { resourceVersion: '7' } }];
  const { words, asked } = await follow(pages, async function* ({ begun }) {
    begun();
    yield event('DELETED', node('a', '8'));
    yield event('ERROR', { code: 410, reason: 'Expired' });
  });
  expect(words).toEqual([
    ...['begin', '+a', 'end', 'live', '-a'],
    expect.stringContaining('Expired'),
    ...['begin', '+a', 'end', 'live'],
  ]);
  expect(asked).toEqual(['list 0', 'watch 7', 'list 0', 'watch 7']);
});

test('a watch that breaks goes on where it was; one that can’t begin lists again; both are told once', async () => {
  const pages = [{ items: [], metadata: { resourceVersion: '7' } }];
  const refused = async function* (): AsyncGenerator<string> {
    yield* [];
    throw new Error('refused');
  };
  const { words, asked } = await follow(
    pages,
    async function* ({ begun }) {
      begun();
      yield event('ADDED', node('a', '8'));
      throw new Error('reset');
    },
    refused,
    refused,
  );
  expect(words.filter((word) => word.startsWith('broken'))).toEqual(['broken: reset']);
  expect(asked).toEqual(['list 0', 'watch 7', 'watch 8', 'list 0', 'watch 7', 'list 0', 'watch 7']);
});
