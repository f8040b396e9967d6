import type { Logger } from 'winston';
import { present } from '../../core/cni/present.ts';
import { Netlink } from '../../netlink/netlink.bun.ts';
import { openLog } from '../../service/log.ts';
import { files } from '../files.ts';
import { flock } from '../journal/flock.bun.ts';
import { printOutput } from '../plugin/streams.bun.ts';
import { openTruth } from './census/open-truth.bun.ts';
import { KernelDetacher } from './detach/kernel-detacher.bun.ts';
import { readInstalled } from './installed.ts';
import { GroupJournal } from './journal/group-journal.ts';
import { kubePlace, openKubeEvents } from './kube/api-server.bun.ts';
import { openUpstream } from './ledger.bun.ts';
import { listenForMetrics } from './metrics-port.bun.ts';
import { ownAddresses } from './own-addresses.bun.ts';
import { openProber } from './probe/open-prober.bun.ts';
import { Pace } from './probe/pace.ts';
import { ProbeRunner } from './probe-runner.ts';
import { CredentialCopies } from './server/credential-copies.ts';
import { IpamServer } from './server/ipam-server.ts';
import { Refusal } from './server/refusal.ts';
import { Registration } from './server/registration.ts';
import { Teller } from './server/teller.ts';
import { Upkeep } from './server/upkeep.ts';
import { type AgentFlags, type Settings, settingsOf } from './settings.ts';
import { agentRoutes } from './socket/agent-routes.ts';
import { allocationRoutes } from './socket/allocation-routes.ts';
import { Attachments } from './socket/attachments.ts';
import { detachRoute } from './socket/detach-route.ts';
import { lookingRoutes } from './socket/looking-routes.ts';
import { takePlace } from './socket/place.bun.ts';
import { type Listening, listen } from './socket/serve.bun.ts';
import { openState } from './state/open-state.ts';
import { Metrics } from './status/metrics.ts';
import { reportOf } from './status/report.ts';
import { uplinkLacks } from './uplink.bun.ts';
import { ConflictTeller } from './watch/conflict-teller.ts';
import { WatchDesk } from './watch/watch-desk.bun.ts';

/** Milliseconds after a signal in which all must have ended. */
const lastCall = 4_000;
/** Milliseconds after which what needs probing again is looked for. */
const recheckEvery = 15_000;

/**
 * Runs the agent until a signal ends it.
 *
 * @returns the exit status
 * @throws Problem FLAG_INVALID, AGENT_MASTER_DIFFERS, AGENT_RUNNING, AGENT_SOCKET_UNUSABLE, AGENT_STATE_UNWRITABLE
 */
export async function runAgent(flags: AgentFlags): Promise<number> {
  const host = process.env['NODE_NAME'] || files().readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
  const settings = settingsOf(flags, readInstalled(flags.conf), host);
  const log = openLog(settings.logLevel);
  const locks = await takePlace(settings.socket, settings.stateDir);
  const agent = await Agent.start(settings, log);
  printOutput(`realip agent of node ${settings.node} ready on unix:${settings.socket}`);
  log.info('ready', { ...settings });
  const signal = await new Promise<string>((resolve) => {
    for (const each of ['SIGTERM', 'SIGINT'] as const) {
      process.on(each, () => resolve(each));
    }
  });
  log.info('stopping', { signal });
  await Promise.race([agent.stop(), new Promise((resolve) => setTimeout(resolve, lastCall))]);
  for (const lock of locks) {
    lock.unlock();
  }
  log.info('stopped');
  return 0;
}

/** The parts of a running agent. */
class Agent {
  readonly #listening: Listening;
  readonly #upkeep: Upkeep;
  readonly #attachments: Attachments;
  readonly #end: () => void;

  private constructor(listening: Listening, upkeep: Upkeep, attachments: Attachments, end: () => void) {
    this.#listening = listening;
    this.#upkeep = upkeep;
    this.#attachments = attachments;
    this.#end = end;
  }

  static async start(settings: Settings, log: Logger): Promise<Agent> {
    const { node, stateDir, reserve, zone, socket } = settings;
    const now = () => Date.now();
    const bootId = files().readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const { state, file, warnings } = openState(stateDir, {
      node,
      bootId,
      now: now(),
      ...present({ reserve }),
    });
    for (const warning of warnings) {
      log.warn(warning);
    }
    const host = Netlink.open();
    const journal = new GroupJournal(stateDir, flock);
    const upstream = openUpstream(settings, log, (isUp) => {
      upkeep.serverChanged(isUp);
      attachments.serve();
    });
    const server = new IpamServer(upstream, node);
    const secure = () => file.sync();
    const conflicts = new ConflictTeller({
      ...{ state, server, log },
      isRefusal: (error) => error instanceof Refusal && error.status < 500,
    });
    const teller = new Teller({ state, server, journal, conflicts, log, now, secure });
    const pace = new Pace();
    const prober = openProber({
      master: settings.master,
      vlanOf: (ip) => state.vlanOf(ip),
      nodes: () => state.nodes,
      pace,
      warn: (message) => log.warn(message),
    });
    const probes = new ProbeRunner({
      state,
      prober,
      now,
      changed: (claim) => {
        claim && watch.found(claim);
        changed();
      },
      onFailure: (reason) => complain(reason),
    });
    const complain = once((reason) => log.warn('the network can’t be asked for addresses', { reason }));
    const changed = () => {
      attachments.serve();
      probes.run();
      watch.update();
    };
    const attachments: Attachments = new Attachments({
      state,
      server,
      now,
      writeDown: (release) => journal.append(release),
      heard: () => upkeep.heard(),
      wanted: () => {
        upkeep.wanted();
        probes.run();
      },
      changed: () => {
        upkeep.tell();
        watch.update();
      },
    });
    const detacher = new KernelDetacher();
    const { truth, notes, ...truthDoors } = openTruth(settings, log, {
      now,
      known: () => state.listed(),
      ended: (attachment, generation) => attachments.remove(attachment, generation),
      detacher,
    });
    const upkeep: Upkeep = new Upkeep({
      state,
      server,
      teller,
      log,
      now,
      changed,
      registration: new Registration({ server, node, zone, log, file: `${stateDir}/zone` }),
      census: truth,
      secure,
      own: () => ownAddresses(host),
      takeDown: (revoked) => truth.takeDown(revoked),
      waiting: () => attachments.counts.waiting,
    });
    const metrics = new Metrics({
      now,
      status: () => state.status(),
      journalled: () => teller.journalled,
      counts: () => attachments.counts,
      isServerUp: () => upstream.isUp,
      notes,
    });
    let eventsLost = 0;
    const events = openKubeEvents(kubePlace(process.env), {
      ...{ node, now },
      lost: (reason) => {
        eventsLost += 1;
        log.warn('an event could not be told to Kubernetes', { reason });
      },
    });
    const watch: WatchDesk = new WatchDesk({
      ...{ master: settings.master, state, events, log, pace },
      registry: metrics.registry,
      eventsLost: () => eventsLost,
      count: (what) => metrics.conflicts.inc({ what }),
      wanted: (what) => (what === 'reserve' ? upkeep.wanted() : upkeep.tell()),
    });
    const copies = new CredentialCopies(settings.copies, (reason) =>
      log.warn('the plugin’s copy of a credential can’t be kept', { reason }),
    );
    // Before the socket opens: whoever finds the agent ready finds them, too.
    copies.start();
    await teller.takeIn();
    const listening = listen(
      socket,
      [
        ...allocationRoutes({
          ...{ node, attachments, server, state },
          given: (ips, { path, inode }, ifname) => watch.given({ netns: path, inode, ifname }, ips),
          missed: (pod, { message }) => events.warn(pod, 'AddressReserveEmpty', message),
        }),
        ...lookingRoutes({
          ...{ node, server, state, now },
          whyAway: () => upstream.whyAway,
          beginning: () =>
            upkeep.isSettled ? undefined : `it speaks with ${settings.servers.join(', ')} first`,
          uplinkLacks: () => uplinkLacks(host, settings.master),
          changed: () => upkeep.tell(),
        }),
        detachRoute(detacher),
        ...agentRoutes({
          status: async () =>
            reportOf(state.status(), teller.journalled, upstream, {
              faults: [...notes.faults.values()].flat(),
              waitsFor: uplinkLacks(host, settings.master),
            }),
          metrics: () => metrics.page(),
        }),
      ],
      log,
    );
    const port = settings.metricsListen && listenForMetrics(settings.metricsListen, () => metrics.page());
    const rechecks = setInterval(() => probes.run(), recheckEvery);
    upkeep.start();
    return new Agent(listening, upkeep, attachments, () => {
      clearInterval(rechecks);
      port?.stop();
      copies.stop();
      probes.close();
      watch.close();
      prober.close(new Error('the agent ends'));
      upstream.close();
      truthDoors.close();
      file.close();
      host.close();
    });
  }

  /** Calls begun are answered, what can be told is told, and the files are closed. */
  async stop(): Promise<void> {
    const stopped = this.#listening.stop();
    this.#attachments.stop();
    await stopped;
    await this.#upkeep.stop();
    this.#end();
  }
}

/** Tells each reason once in a row. */
function once(tell: (reason: string) => void): (reason: string) => void {
  let last: string | undefined;
  return (reason) => {
    if (reason !== last) {
      last = reason;
      tell(reason);
    }
  };
}
