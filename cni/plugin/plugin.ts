import { errorAnswer } from '../../core/cni/error.ts';
import { Fields, type OnFault } from '../../core/cni/fields.ts';
import { isNetworkName } from '../../core/cni/names.ts';
import { printResult } from '../../core/cni/result-print.ts';
import {
  atLeast,
  type CniVersion,
  cniVersions,
  isCniVersion,
  newestVersion,
} from '../../core/cni/version.ts';
import { Problem } from '../../core/problem/problem.ts';
import { NetlinkError } from '../../netlink/message/netlink-error.ts';
import { type Config, readConfig, unknownKeys } from './config.ts';
import { deliver, warnOfUnknown } from './delivery.ts';
import type { Doors } from './doors.ts';
import { type Call, type Command, type Environment, readCall } from './environment.ts';
import { roleOf } from './role.ts';
import { printAnswer, readInput, warn } from './streams.bun.ts';

/** What the runtime gave. */
export interface Given {
  readonly env: Environment;
  /** Standard input. */
  readonly input: string;
}

/** Opens what a verb acts through, for a configuration. */
export type OpenDoors = (
  config: Pick<Config, 'cniVersion' | 'ipam' | 'macPrefix' | 'vlan'>,
  given: Given,
) => Doors | Promise<Doors>;

/**
 * One call of a runtime: variables and standard input in, one JSON object at most on standard output.
 *
 * @param calledAs the name that the executable was called by
 * @returns the exit status
 */
export async function runPlugin(env: Environment, calledAs: string, open: OpenDoors): Promise<number> {
  let version: CniVersion = newestVersion;
  try {
    const call = readCall(env);
    if (call.command === 'VERSION') {
      printAnswer({ cniVersion: newestVersion, supportedVersions: cniVersions });
      return 0;
    }
    // DEL makes do with what it can read.
    const onFault = call.command === 'DEL' ? warn : invalid;
    const input = readInput();
    const conf = readConf(input, onFault);
    version = versionOf(conf);
    refuseCommand(call.command, version);
    const answer = await run(call, conf, version, { env, input, calledAs, open, onFault });
    if (answer !== undefined) {
      printAnswer(answer);
    }
    return 0;
  } catch (error) {
    printAnswer(errorAnswer(inWords(error), version));
    return 1;
  }
}

interface Setting extends Given {
  readonly calledAs: string;
  readonly open: OpenDoors;
  readonly onFault: OnFault;
}

async function run(call: Call, conf: Fields, version: CniVersion, setting: Setting) {
  const name = networkName(conf);
  if (roleOf(conf, setting.calledAs) === 'main') {
    return runMain(call, conf, readConfig(conf, version, name, setting.onFault), setting);
  }
  const [{ readIpamPluginConfig }, { runIpam }] = await Promise.all([
    import('./ipam-plugin/config.ts'),
    import('./ipam-plugin/run.ts'),
  ]);
  const config = readIpamPluginConfig(conf, version, name, setting.onFault);
  return runIpam(call, conf, config, await setting.open(config, setting));
}

async function runMain(call: Call, conf: Fields, config: Config, { open, ...given }: Setting) {
  const doors = await open(config, given);
  // Each call is a new process, and runs one of them: the others aren't even loaded.
  const del = async () => (await import('./verbs/del.ts')).del(call, config, doors);
  switch (call.command) {
    case 'ADD': {
      warnOfUnknown(unknownKeys(conf));
      const { add } = await import('./verbs/add.ts');
      return deliver(printResult(await add(call, config, doors), config.cniVersion), del);
    }
    case 'CHECK':
      return (await import('./verbs/check.ts')).check(call, config, doors);
    case 'DEL':
      return del();
    case 'STATUS':
      return (await import('./verbs/status.ts')).status(config, doors);
    case 'GC':
      return (await import('./verbs/gc.ts')).gc(conf, config, doors);
    default:
      return undefined;
  }
}

function invalid(message: string): never {
  throw new Problem('INVALID_NETWORK_CONFIG', message);
}

function readConf(text: string, onFault: OnFault): Fields {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const words = text.trim() === '' ? 'standard input is empty' : 'standard input is no JSON';
    throw new Problem('NETWORK_CONFIG_NO_JSON', words, {}, error);
  }
  return new Fields(json, onFault);
}

/** The first versions of the specification had no such key; libcni reads an empty one alike. @throws Problem INCOMPATIBLE_CNI_VERSION */
function versionOf(conf: Fields): CniVersion {
  const text = conf.text('cniVersion') || '0.1.0';
  if (!isCniVersion(text)) {
    const list = cniVersions.join(', ');
    throw new Problem('INCOMPATIBLE_CNI_VERSION', `cniVersion is "${text}"; spoken are ${list}`);
  }
  return text;
}

/** The version that each command came with. */
const since = {
  ADD: '0.1.0',
  DEL: '0.1.0',
  VERSION: '0.1.0',
  CHECK: '0.4.0',
  GC: '1.1.0',
  STATUS: '1.1.0',
} as const satisfies Record<Command, CniVersion>;

function refuseCommand(command: Command, version: CniVersion): void {
  if (!atLeast(version, since[command])) {
    const words = `${command} came with ${since[command]}, and cniVersion is ${version}`;
    throw new Problem('INCOMPATIBLE_CNI_VERSION', words);
  }
}

function networkName(conf: Fields): string {
  const name = conf.text('name');
  if (name === undefined || !isNetworkName(name)) {
    throw new Problem(
      'INVALID_NETWORK_CONFIG',
      name === undefined ? 'name is missing' : `name "${name}" is no name`,
    );
  }
  return name;
}

function inWords(error: unknown): unknown {
  return error instanceof NetlinkError ? new Problem('KERNEL_REFUSED', error.message, {}, error) : error;
}
