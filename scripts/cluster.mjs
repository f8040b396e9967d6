// `npm run cluster -- up | status | shell | down | build`: installs, builds and runs test/cluster, passing its
// words on.
import { runBuilt } from './run-built.mjs';

await runBuilt('cluster', 'The cluster', [
  ...['root', 'ip', 'nsenter', 'nft', 'iptables', 'openssl', 'curl', 'go', 'apt'],
]);
