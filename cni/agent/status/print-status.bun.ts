import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { printOutput } from '../../plugin/streams.bun.ts';
import { type AgentReport, tableOf } from './report.ts';

/** Milliseconds: an agent that lives answers within one. */
const patience = 3_000;

/**
 * Asks the agent on a socket what it holds, knows and waits for, and prints it.
 *
 * @returns the exit status
 * @throws Problem AGENT_AWAY
 */
export async function printStatus(socket: string, output: 'table' | 'json'): Promise<number> {
  const report = await ask(socket);
  printOutput(output === 'json' ? JSON.stringify(report, null, 2) : tableOf(report));
  return 0;
}

async function ask(socket: string): Promise<AgentReport> {
  try {
    const answer = await fetch('http://agent/v1/agent/status', {
      unix: socket,
      signal: AbortSignal.timeout(patience),
    });
    if (answer.status !== 200) {
      throw new Error(`HTTP ${answer.status}`);
    }
    return (await answer.json()) as AgentReport;
  } catch (error) {
    throw new Problem('AGENT_AWAY', `no agent answers on ${socket}: ${reasonOf(error)}`, {}, error);
  }
}
