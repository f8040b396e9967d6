import { Problem, reasonOf } from '../problem/problem.ts';
import { PluginError } from './plugin-error.ts';
import type { CniVersion } from './version.ts';

/** The error object of the specification, the one thing on stdout when a call fails. */
export interface CniError {
  readonly cniVersion: CniVersion;
  readonly code: number;
  readonly msg: string;
  readonly details: string;
}

/** The reference library's number for what nobody foresaw. */
const internal = 999;

/** A message may quote a value of the configuration, and that may be anything. */
const longest = 2_000;

/**
 * What was thrown, as the specification's error: `msg` is the registry's code and what
 * happened, `details` what it means and what to do.
 * Another plugin's error is passed on. Anything else but a Problem is a fault of ours and is said to be one.
 */
export function errorAnswer(thrown: unknown, version: CniVersion): CniError {
  if (thrown instanceof PluginError) {
    const { code, message, plugin, details } = thrown;
    const said = `The plugin "${plugin}" said this.`;
    return {
      cniVersion: version,
      code,
      msg: readable(message),
      details: readable(`${details} ${said}`.trim()),
    };
  }
  if (!(thrown instanceof Problem)) {
    const details = 'This is a fault in realip. Please report it together with this message.';
    return { cniVersion: version, code: internal, msg: readable(reasonOf(thrown)), details };
  }
  const { title, advice, cni } = thrown.kind;
  return {
    cniVersion: version,
    code: cni ?? internal,
    msg: readable(`${thrown.code}: ${thrown.message}`),
    details: `${title} ${advice}`,
  };
}

function readable(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
