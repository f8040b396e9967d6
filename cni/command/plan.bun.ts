import { type Command, InvalidArgumentError, Option } from 'commander';
import { lanPlan } from '../../core/lan/lan-plan.ts';
import { usualLimits } from '../../core/lan/layout.ts';
import { printOutput } from '../plugin/streams.bun.ts';
import { lanPlanText } from './lan-plan-text.ts';

interface PlanFlags {
  readonly nodes: number;
  readonly pods: number;
  readonly dataplane: 'macvlan' | 'ptp';
  readonly shim: boolean;
  readonly vlans: number;
  readonly subnets?: number;
  readonly dualStack?: true;
  readonly reserve: number;
  readonly starts: number;
  readonly nodesPerSwitch: number;
  readonly routed?: true;
  readonly otherMacs: number;
  readonly accessMacs: number;
  readonly coreMacs: number;
  readonly portMacs?: number;
  readonly cardMacs?: number;
  readonly neighbours?: number;
  readonly broadcasts: number;
  readonly output: 'text' | 'json';
}

/** Adds `realip plan`; @param ended takes the exit status: 1 when a limit is passed */
export function addPlan(program: Command, ended: (status: number) => void): void {
  const count = (read: (text: string) => number) => (flags: string, what: string, preset?: number) => {
    const option = new Option(flags, what).argParser(read);
    return preset === undefined ? option : option.default(preset);
  };
  const [number, some] = [count(readCount), count(readSome)];
  program
    .command('plan')
    .description('say what a layout asks of switches: MACs, neighbours, broadcasts; and when to use ptp')
    .addOption(some('--nodes <n>', 'nodes').makeOptionMandatory())
    .addOption(number('--pods <n>', 'pods on each').makeOptionMandatory())
    .addOption(
      new Option('--dataplane <name>', 'of the conf list').choices(['macvlan', 'ptp']).default('macvlan'),
    )
    .option('--no-shim', 'hostAccess is not shim')
    .addOption(some('--vlans <n>', 'VLANs that the pods are on', 1))
    .addOption(some('--subnets <n>', 'over all VLANs (default: one a VLAN and family)'))
    .option('--dual-stack', 'a pod has an IPv4 and an IPv6 address')
    .addOption(number('--reserve <n>', 'addresses that a node holds ready of each subnet', 16))
    .addOption(number('--starts <n>', 'pods that begin on a node in an hour', 30))
    .addOption(some('--nodes-per-switch <n>', 'nodes at one access switch', 20))
    .option('--routed', 'VLANs end at the access switch, the core routes')
    .addOption(number('--other-macs <n>', 'MACs of others on these VLANs', 500))
    .addOption(number('--access-macs <n>', 'what an access switch’s table holds', usualLimits.accessMacs))
    .addOption(number('--core-macs <n>', 'what the core’s table holds', usualLimits.coreMacs))
    .addOption(number('--port-macs <n>', 'MACs that a port may show'))
    .addOption(number('--card-macs <n>', 'MACs that a node’s card filters by itself'))
    .addOption(number('--neighbours <n>', 'entries of the gateway’s neighbour table'))
    .addOption(
      number('--broadcasts <n>', 'frames a second that storm control lets through', usualLimits.broadcasts),
    )
    .addOption(new Option('-o, --output <format>', 'how to answer').choices(['text', 'json']).default('text'))
    .action((flags: PlanFlags) => ended(plan(flags)));
}

function plan(flags: PlanFlags): number {
  const { nodes, dataplane, shim, vlans, reserve, nodesPerSwitch, otherMacs } = flags;
  const { accessMacs, coreMacs, portMacs, cardMacs, neighbours, broadcasts } = flags;
  const addressesPerPod = flags.dualStack ? 2 : 1;
  const planned = lanPlan(
    {
      ...{ nodes, dataplane, shim, vlans, reserve, nodesPerSwitch, otherMacs, addressesPerPod },
      podsPerNode: flags.pods,
      subnets: flags.subnets ?? vlans * addressesPerPod,
      startsPerHour: flags.starts,
      isRouted: flags.routed ?? false,
    },
    {
      ...{ accessMacs, coreMacs, broadcasts },
      ...(portMacs === undefined ? {} : { portMacs }),
      ...(cardMacs === undefined ? {} : { cardMacs }),
      ...(neighbours === undefined ? {} : { neighbours }),
    },
  );
  printOutput(flags.output === 'json' ? JSON.stringify(planned, undefined, 2) : lanPlanText(planned));
  return planned.judgements.some(({ level }) => level === 'error') ? 1 : 0;
}

/** @throws InvalidArgumentError */
function readCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('It is a whole number.');
  }
  return Number(text);
}

/** From 1 on; @throws InvalidArgumentError */
function readSome(text: string): number {
  const count = readCount(text);
  if (count === 0) {
    throw new InvalidArgumentError('It is a whole number from 1 on.');
  }
  return count;
}
