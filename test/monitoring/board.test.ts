import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownSamples, liveMetrics, metricsIn } from './known-metrics.ts';
import { faultsOf } from './promtool.ts';

interface Source {
  readonly uid: string;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Source;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly datasource: Source;
    readonly expr: string;
  }[];
}
interface Board {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const file = join(import.meta.dirname, '../../manifests/monitoring/realip-ipam.dashboard.json');
const board: Board = JSON.parse(readFileSync(file, 'utf8'));
const shown = board.panels.filter(({ type }) => type !== 'row');
const expressions = [
  ...shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...board.annotations.list.map(({ expr }) => expr),
];

test('it has a name of its own, and asks for the data source instead of naming one', () => {
  expect(board.uid).toBe('realip-ipam');
  expect(board.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
  const sources = shown.flatMap(({ datasource, targets = [] }) => [
    datasource,
    ...targets.map((each) => each.datasource),
  ]);
  expect(sources.filter((source) => !/^\$\{datasource\}$/.test(source?.uid ?? ''))).toEqual([]);
});

test('each panel has an id of its own', () => {
  const ids = board.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(shown)('panel “$title” says what it shows, in which unit, by at least one query', (panel) => {
  expect(panel.description).toMatch(/\.$/);
  expect(panel.fieldConfig?.defaults.unit).toMatch(/^\w+$/);
  const refs = (panel.targets ?? []).map(({ refId }) => refId);
  expect(refs.length).toBeGreaterThan(0);
  expect(new Set(refs).size).toBe(refs.length);
});

test('no panel lies over another or beyond the edge', () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of board.panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, taken.get(`${x}/${y}`)]).toEqual([title, undefined]);
        expect(x).toBeLessThan(24);
        taken.set(`${x}/${y}`, title);
      }
    }
  }
});

test('each query is PromQL by promtool’s judgement', () => {
  const resolved = expressions.map((expr) =>
    expr.replaceAll('$__rate_interval', '5m').replaceAll('$subnet', '.*'),
  );
  expect(resolved.filter((expr) => expr.includes('$'))).toEqual([]);
  expect(faultsOf(resolved)).toBe('');
});

test('each metric of the board exists', async () => {
  const known = knownSamples(await liveMetrics());
  const definitions = board.templating.list.map(({ definition = '' }) => definition);
  const unknown = [...expressions, ...definitions].flatMap(metricsIn).filter((name) => !known.has(name));
  expect(unknown).toEqual([]);
});
