import { faultOfIfname, isContainerId } from '../../core/cni/names.ts';
import { Problem } from '../../core/problem/problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that each command can't do without (CNI specification, "Parameters"). */
const needed = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
  STATUS: ['CNI_PATH'],
  GC: ['CNI_PATH'],
  VERSION: [],
} as const satisfies Record<string, readonly string[]>;

export type Command = keyof typeof needed;

/** What the runtime asks for, from its variables. What a command doesn't need may be ''. */
export interface Call {
  readonly command: Command;
  readonly containerId: string;
  /** Path of the network namespace. */
  readonly netns: string;
  readonly ifname: string;
  /** CNI_ARGS, unread: what DEL makes of it is not what ADD does. */
  readonly args: string;
  /** The caller knows that the namespace may be the plugin's own. */
  readonly mayBeOwnNetns: boolean;
}

function isCommand(text: string): text is Command {
  return Object.hasOwn(needed, text);
}

/** @throws Problem INVALID_ENVIRONMENT naming all variables that are missing, or the one that is wrong. */
export function readCall(env: Environment): Call {
  const command = env['CNI_COMMAND'] ?? '';
  if (!isCommand(command)) {
    const list = Object.keys(needed).join(', ');
    throw new Problem('INVALID_ENVIRONMENT', `CNI_COMMAND is "${command}"; it may be ${list}`);
  }
  const missing = needed[command].filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Problem(
      'INVALID_ENVIRONMENT',
      `${command} needs variables that are not set: ${missing.join(', ')}`,
    );
  }
  const call = {
    command,
    containerId: env['CNI_CONTAINERID'] ?? '',
    netns: env['CNI_NETNS'] ?? '',
    ifname: env['CNI_IFNAME'] ?? '',
    args: env['CNI_ARGS'] ?? '',
    mayBeOwnNetns: ['1', 'true'].includes((env['CNI_NETNS_OVERRIDE'] ?? '').toLowerCase()),
  };
  checkNames(call);
  return call;
}

function checkNames({ command, containerId, ifname }: Call): void {
  const names: readonly string[] = needed[command];
  if (names.includes('CNI_CONTAINERID') && !isContainerId(containerId)) {
    throw new Problem('INVALID_ENVIRONMENT', `CNI_CONTAINERID "${containerId}" is no container id`);
  }
  const fault = names.includes('CNI_IFNAME') ? faultOfIfname(ifname) : undefined;
  if (fault !== undefined) {
    throw new Problem('INVALID_ENVIRONMENT', `CNI_IFNAME "${ifname}" ${fault}`);
  }
}
