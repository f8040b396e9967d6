// `go-build.mjs PROGRAM ARGS…`: runs `go ARGS…` to build a program, and tells on standard error how far it is; on failure what
// Go complained of is on standard output.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const everyMs = 15_000;
const [program, ...args] = process.argv.slice(2);
const started = Date.now();
const complaints = [];
let downloaded = 0;
let compiled = 0;

const go = spawn('go', args, { stdio: ['ignore', 'ignore', 'pipe'] });
go.on('error', ({ message }) => complaints.push(message));
createInterface({ input: go.stderr }).on('line', (line) => {
  if (line.startsWith('go: downloading ')) {
    downloaded++;
  } else if (/^\S+$/.test(line)) {
    compiled++;
  } else {
    complaints.push(line);
  }
});

const tell = () => {
  const seconds = Math.round((Date.now() - started) / 1000);
  const loading = downloaded === 0 ? '' : `${downloaded} modules downloaded, `;
  // Tests don't tell of packages.
  const compiling = args[0] === 'test' ? '' : `${compiled} packages compiled, `;
  process.stderr.write(`  ${program}: ${loading}${compiling}${seconds} s\n`);
};
const timer = setInterval(tell, everyMs);
go.on('close', (status) => {
  clearInterval(timer);
  tell();
  if (status !== 0) {
    process.stdout.write(`${complaints.join('\n')}\n`);
    process.exitCode = 1;
  }
});
