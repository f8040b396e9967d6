import type { ProblemKind } from './kind.ts';

/** What `realip install` tells an admin. */
export const installKinds = {
  INSTALL_FLAG_INVALID: {
    title: 'The command line of `realip install` says something that cannot be meant.',
    advice: '`realip install --help` lists the flags.',
  },
  INSTALL_CONF_REFUSED: {
    title: 'The conf list is not fit to be installed; what was there before stays.',
    advice: 'Correct it; `realip preflight --conf FILE` judges it and this node without a change.',
  },
  INSTALL_OTHER_PODS: {
    title:
      'Pods live on this node whose DEL would run with the wrong configuration once this conf list is installed.',
    advice:
      'Drain the node (`kubectl drain NODE`) and install again; `--drained` installs all the same, and what those pods have at their own CNI may then never be freed.',
  },
  INSTALL_OWN_PODS: {
    title: 'Pods with addresses of realip live on this node, and could not be ended properly without it.',
    advice: 'Drain the node (`kubectl drain NODE`) and remove again; `--drained` takes the conf list alone.',
  },
  INSTALL_RELEASES_WAIT: {
    title:
      'The state folder holds releases that no server was told: without them the addresses stay allocated.',
    advice:
      'Start the agent while a server answers, until `realip agent status` shows an empty journal; or remove without `--purge`.',
  },
  INSTALL_AGENT_RUNS: {
    title: 'The state folder cannot be taken away while the agent uses it.',
    advice: 'Stop it (`systemctl disable --now realip-agent`), or remove without `--purge`.',
  },
  INSTALL_BUSY: {
    title: 'Another `realip install` is at work on this node.',
    advice: 'Wait for its end; `--wait` says how long this one waits.',
  },
  INSTALL_NOT_EXECUTABLE: {
    title: 'The executable does not run where it was put; the one that was there before stays.',
    advice: 'See that the folder is not mounted with `noexec`, or name another by `--bin-dir`.',
  },
  INSTALL_IMPOSSIBLE: {
    title: 'The disk refused a step of the installation; the next one goes on from there.',
    advice:
      'The message names file and reason: a full or read-only disk, missing rights, a folder in the way.',
  },
  INSTALL_AGENT_AWAY: {
    title:
      'No node agent was ready in time, so the conf list was not put in place: pods would have started without it.',
    advice:
      'Start it (`systemctl status realip-agent`), name its socket by `--socket`, wait longer by `--wait`, or do without by `--no-agent`.',
  },
} as const satisfies Record<string, ProblemKind>;
