import { faultOf } from '../install/agent-wait.bun.ts';
import { error, type Finding, ok, warning } from './finding.ts';

/** Asks the node's agent whether it is there. @param isAlone no server stands beside it in the configuration */
export async function judgeAgent(socket: string, isAlone: boolean): Promise<Finding[]> {
  const fault = await faultOf(socket);
  if (fault === undefined) {
    return [ok('agent', `the agent answers at ${socket}`)];
  }
  const cure =
    'systemctl status realip-agent; until it runs, the plugin asks the server and probes by itself.';
  return isAlone
    ? [
        error(
          'agent-away',
          `${socket}: ${fault}, and "ipam" names no server`,
          'systemctl status realip-agent',
        ),
      ]
    : [warning('agent-away', `${socket}: ${fault}`, cure)];
}
