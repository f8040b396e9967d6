import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { knownSamples, liveMetrics, metricsIn } from './known-metrics.ts';
import { promtool } from './promtool.ts';

const root = join(import.meta.dirname, '../..');
const rulesFile = join(root, 'manifests/monitoring/alerts.yaml');
const testsFile = join(import.meta.dirname, 'alerts.test.yaml');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
interface ExpressionTest {
  readonly expr: string;
  readonly exp_samples: readonly unknown[];
}

const { groups }: { groups: { rules: Alert[] }[] } = parse(readFileSync(rulesFile, 'utf8'));
const alerts = groups.flatMap(({ rules }) => rules);
const { tests }: { tests: { promql_expr_test: ExpressionTest[] }[] } = parse(readFileSync(testsFile, 'utf8'));
const expectations = tests.flatMap(({ promql_expr_test }) => promql_expr_test);
const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8');

test('promtool finds no fault with the rules', () => {
  const { status, said } = promtool(['check', 'rules', rulesFile]);
  expect([status, said]).toEqual([0, expect.stringContaining(`${alerts.length} rules found`)]);
});

test('each alert fires when it should, and does not when it should not', () => {
  const { status, said } = promtool(['test', 'rules', testsFile]);
  expect([status, said]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

test.each(alerts.map(({ alert }) => alert))('%s is tried both ways', (alert) => {
  const own = expectations.filter(({ expr }) => {
    const names = /alertname=~?"([^"]*)"/.exec(expr)?.[1] ?? '';
    return new RegExp(`^(${names})$`).test(alert);
  });
  expect(own.some(({ exp_samples }) => exp_samples.length > 0)).toBe(true);
  // Not yet, or another series that stays out of it.
  const filtered = own.some(({ expr }) => expr.startsWith('count by'));
  expect(filtered || own.some(({ exp_samples }) => exp_samples.length === 0)).toBe(true);
});

test.each(alerts)('$alert says how grave it is, what it means, and where its runbook is', (alert) => {
  expect(alert.alert).toMatch(/^Realip(Ipam|Agent|Webhook)[A-Z]/);
  expect(['info', 'warning', 'critical']).toContain(alert.labels.severity);
  expect(alert.annotations).toEqual({
    summary: expect.stringMatching(/\.$/),
    description: expect.stringMatching(/\.$/),
    runbook_url: `docs/runbooks.md#${alert.alert.toLowerCase()}`,
  });
});

test('each alert has its runbook, in the order of the rules, and no runbook is without alert', () => {
  const headings = [...runbooks.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(alerts.map(({ alert }) => alert));
});

test('each metric of the rules exists', async () => {
  const known = knownSamples(await liveMetrics());
  const unknown = alerts.flatMap(({ expr }) => metricsIn(expr)).filter((name) => !known.has(name));
  expect(unknown).toEqual([]);
});
