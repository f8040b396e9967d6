// `npm run story`: installs, builds and runs test/cluster/story, passing its flags on.
import { runBuilt } from './run-built.mjs';

await runBuilt('story', 'The story', [
  ...['root', 'ip', 'nsenter', 'nft', 'iptables', 'openssl', 'curl', 'go', 'apt'],
]);
