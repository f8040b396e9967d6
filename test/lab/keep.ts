import { join } from 'node:path';
import { agentSocket } from './agent.ts';
import { rememberRelay, stateFolder } from './leftovers.ts';
import { endsWithThisProcess } from './privileges.ts';
import { start } from './process.ts';
import { programs } from './programs.ts';
import type { Pods, Stage } from './story/stage.ts';

/** Leaves the lab up: opens a way to the web page from this machine, and says what to try. */
export async function keepUp(stage: Stage, pods: Pods): Promise<void> {
  const { terminal } = stage;
  const { ipam } = stage.control.sockets;
  const command = [process.execPath, programs.workload, 'relay', '127.0.0.1:8443', ipam];
  const relay = await start(command, join(stateFolder, 'relay.log'));
  rememberRelay(relay.process.pid ?? 0);
  const port = relay.line.split(' ')[1];
  const page = `https://127.0.0.1:${port}/`;
  const pod = [...pods.values()].find(({ node }) => node.type === 'macvlan');
  const inside = (name: string) => `nsenter --net=/run/netns/realip-lab-${name}`;
  terminal.chapter('The lab stays up');
  terminal.say(`  the web page       ${page}`);
  terminal.say(
    `  the ledger         curl --cacert ${stateFolder}/ca.pem -H 'Authorization: Bearer ${stage.control.adminToken}' ${page}v1/allocations`,
  );
  terminal.say(`  from the office    ${inside('office')} curl http://${pod?.address}:8080/`);
  terminal.say(`  node n1's view     ${inside('n1')} ip route`);
  terminal.say(`  inside a pod       ${inside(`pod-${pod?.name}`)} ip address`);
  terminal.say(`  n1's agent         ${programs.plugin} agent status --socket ${agentSocket('n1')}`);
  terminal.say(`  the servers' logs  ${stateFolder}/ipam-server.log, ${stateFolder}/webhook.log`);
  if (endsWithThisProcess()) {
    terminal.say('  remove it          Ctrl-C (without root, the lab lives as long as this process)');
    await new Promise(() => {});
  }
  terminal.say('  remove it          npm start -- --down');
}
