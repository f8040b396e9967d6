import { PluginError } from '../../core/cni/plugin-error.ts';
import type { CniResult } from '../../core/cni/result.ts';
import { readIpamResult } from '../../core/cni/result-read.ts';
import type { CniVersion } from '../../core/cni/version.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Outcome } from './program.ts';

/**
 * The result of another IPAM plugin's ADD.
 *
 * @param version what the result is read as when it names none
 * @throws PluginError, Problem IPAM_PLUGIN_FAILED
 */
export function readIpamAnswer(plugin: string, outcome: Outcome, version: CniVersion): CniResult {
  refuseFailure(plugin, outcome);
  const unreadable = (message: string): never => {
    throw new Problem('IPAM_PLUGIN_FAILED', `the result of the IPAM plugin "${plugin}": ${message}`);
  };
  const json = parsed(outcome.stdout) ?? unreadable(`it is no JSON: ${excerpt(outcome.stdout)}`);
  const result = readIpamResult(json, version, unreadable);
  return result.ips.length > 0 ? result : unreadable('it holds no IP address');
}

/** @throws PluginError with the plugin's own words, Problem IPAM_PLUGIN_FAILED where it had none */
export function refuseFailure(plugin: string, { status, signal, stdout }: Outcome): void {
  if (status === 0) {
    return;
  }
  const { code, msg, details } = (parsed(stdout) ?? {}) as Record<string, unknown>;
  if (typeof code === 'number' && typeof msg === 'string') {
    throw new PluginError(plugin, code, msg, typeof details === 'string' ? details : '');
  }
  const end = status === null ? `was ended by ${signal ?? 'a signal'}` : `ended with status ${status}`;
  const words = `the IPAM plugin "${plugin}" ${end} and printed no error object: ${excerpt(stdout)}`;
  throw new Problem('IPAM_PLUGIN_FAILED', words);
}

function parsed(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.trim() === '' ? 'nothing at all' : JSON.stringify(text.slice(0, 200));
}
