// `npm run bench`: installs, builds and runs the comparisons of test/bench, passing its flags on.
import { runBuilt } from './run-built.mjs';

await runBuilt('bench', 'The bench', [
  ...['root', 'ip', 'nsenter', 'openssl', 'curl', 'go', 'sockperf', 'iperf3', 'ss'],
]);
