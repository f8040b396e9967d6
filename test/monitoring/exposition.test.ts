import { liveMetrics } from './known-metrics.ts';
import { promtool } from './promtool.ts';

test('the live /metrics pass Prometheus’ own check of format and names', async () => {
  expect(promtool(['check', 'metrics'], await liveMetrics())).toEqual({ status: 0, said: '' });
});
