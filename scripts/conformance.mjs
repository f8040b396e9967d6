// `npm run conformance`: installs, builds and runs test/cluster/conformance, passing its flags on.
import { runBuilt } from './run-built.mjs';

await runBuilt('conformance', 'Conformance', [
  ...['root', 'ip', 'nsenter', 'nft', 'iptables', 'openssl', 'curl', 'go', 'apt'],
]);
