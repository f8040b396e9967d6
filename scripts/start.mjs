// `npm start`: installs, builds and runs the lab (test/lab), passing its flags on.
import { runBuilt } from './run-built.mjs';

await runBuilt('lab', 'The lab', ['ip', 'nsenter', 'nft', 'openssl']);
