import { defaultMacPrefix } from '../../core/address/mac.ts';
import { flock } from '../journal/flock.bun.ts';
import type { Ipam } from '../plugin/ipam/ipam.ts';
import type { Given, OpenDoors } from '../plugin/plugin.ts';
import { warn } from '../plugin/streams.bun.ts';
import { Delegate } from './delegate.ts';
import { endHolders } from './holders.ts';
import { findProgram, runProgram } from './program.bun.ts';
import { Register, registerFolder } from './register.ts';

/** Addresses from the plugin that the configuration names. Loaded only where it names another one than ours. */
export function openDelegate(
  { ipam, cniVersion, macPrefix = defaultMacPrefix, vlan }: Parameters<OpenDoors>[0],
  given: Given,
): Ipam {
  const setting = { ...given, plugin: ipam.type, version: cniVersion, additions: { macPrefix, vlan } };
  const register = new Register(registerFolder(), { take: flock, endHolders });
  return new Delegate(setting, { find: findProgram, run: runProgram, register, warn });
}
