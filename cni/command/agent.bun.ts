import type { Command } from 'commander';
import { Option } from 'commander';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { AgentFlags } from '../agent/settings.ts';
import { printLine } from '../plugin/streams.bun.ts';

interface StatusFlags {
  readonly socket: string;
  readonly output: 'table' | 'json';
}

const socket = ['--socket <path>', 'unix socket of the agent', '/run/realip/agent.sock'] as const;

/** @param end told the exit status */
export function addAgent(program: Command, end: (status: number) => void): void {
  const agent = program
    .command('agent')
    .enablePositionalOptions()
    .description('keep a reserve of probed addresses on this node, and speak to the IPAM server for its pods')
    .option(
      '--server <urls>',
      'URLs of the IPAM server, with commas between (default: as in the installed conf list)',
    )
    .option('--node <name>', 'this node’s name at the server (default: NODE_NAME, else the host name)')
    .option('--zone <zone>', 'register this node in the zone where the server doesn’t know it')
    .option(...socket)
    .option('--state <folder>', 'where it keeps what must survive it', '/var/lib/realip')
    .option('--token-file <file>', 'bearer token of the role node:<name>; read again when it changes')
    .option('--ca-file <file>', 'PEM of the authority that signed the server’s certificate')
    .option(
      '--share-credentials',
      'keep copies of token and authority where the conf list says that the plugin reads them',
    )
    .option(
      '--master <interface>',
      'the interface that pods share (default: the device of the default route)',
    )
    .option('--reserve <n>', 'warm addresses a subnet (default: adaptive)')
    .option('--metrics-listen <host:port>', 'a plain port for /metrics; the socket has it, too')
    .option(
      '--cri-socket <path>',
      'the container runtime’s socket, asked which pods live (default: containerd’s or CRI-O’s, where there is one)',
    )
    .option(
      '--conf <file>',
      'installed conf list, read where it is there',
      '/etc/cni/net.d/00-realip.conflist',
    )
    .addOption(
      new Option('--log-level <level>', 'least important level logged to stderr')
        .choices(['error', 'warn', 'info', 'debug'])
        .default('info'),
    )
    .action((flags: AgentFlags) =>
      orTell('realip agent', end, async () => {
        (await import('../agent/frugal.bun.ts')).beFrugal();
        return (await import('../agent/agent.bun.ts')).runAgent(flags);
      }),
    );
  agent
    .command('status')
    .description('what the agent of this node holds, knows and waits for')
    .option(...socket)
    .addOption(
      new Option('-o, --output <format>', 'how to answer').choices(['table', 'json']).default('table'),
    )
    .action((flags: StatusFlags) =>
      orTell('realip agent status', end, async () => {
        const { printStatus } = await import('../agent/status/print-status.bun.ts');
        return printStatus(flags.socket, flags.output);
      }),
    );
}

/** What keeps it from its work is one line on standard error, and the exit status 1. */
async function orTell(
  what: string,
  end: (status: number) => void,
  act: () => Promise<number>,
): Promise<void> {
  try {
    end(await act());
  } catch (error) {
    const explained =
      error instanceof Problem ? ` (${error.code}). ${error.kind.title} ${error.kind.advice}` : '';
    printLine(`${what}: ${reasonOf(error)}${explained}`);
    end(1);
  }
}
