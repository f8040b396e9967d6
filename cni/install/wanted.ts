import { Fields } from '../../core/cni/fields.ts';
import { Problem } from '../../core/problem/problem.ts';
import { judgeConf } from '../preflight/conf.ts';
import { isFit, printFindings } from '../preflight/report.ts';

/** A conf list that is to be installed, judged good. */
export interface Wanted {
  readonly text: string;
  readonly network: string;
  readonly master: string | undefined;
  /** Absent where addresses are another IPAM plugin's, of which the agent knows nothing. */
  readonly ipam: { readonly agent: string | undefined; readonly stateDir: string | undefined } | undefined;
}

/**
 * Judges as preflight does: what ADD only warns of is refused here.
 *
 * @param file its name, for messages
 * @throws Problem INSTALL_CONF_REFUSED with all that there is to say of it
 */
export function readWanted(file: string, text: string): Wanted {
  const { findings } = judgeConf(file, text);
  if (!isFit(findings)) {
    const bad = findings.filter(({ level }) => level !== 'ok');
    throw new Problem('INSTALL_CONF_REFUSED', `nothing was changed\n${printFindings(bad)}`);
  }
  const list = new Fields(JSON.parse(text), () => undefined);
  if (list.raw('plugins') === undefined) {
    const words = `${file} is a single plugin's configuration; a conf list has it in "plugins": [ … ]`;
    throw new Problem('INSTALL_CONF_REFUSED', words);
  }
  const plugins = list.objects('plugins');
  const ours = plugins.find((each) => each.text('type') === 'realip') ?? plugins.find(isOverOurs);
  const ipam = ours !== undefined && isOverOurs(ours) ? ours.object('ipam') : undefined;
  return {
    text,
    network: list.text('name') ?? '',
    master: ours?.text('master'),
    ipam: ipam && { agent: ipam.text('agent'), stateDir: ipam.text('stateDir') },
  };
}

function isOverOurs(plugin: Fields): boolean {
  return plugin.object('ipam').text('type') === 'realip-ipam';
}
