import { applyEdits, modify } from 'jsonc-parser';
import { Fields } from '../../core/cni/fields.ts';
import { Problem } from '../../core/problem/problem.ts';
import { judgeConf } from '../preflight/conf.ts';
import { ConfText } from '../preflight/conf-text.ts';
import { isFit, printFindings } from '../preflight/report.ts';

/** What a conf list says to whoever installs it. */
export interface InstalledIpam {
  readonly agent: string | undefined;
  readonly stateDir: string | undefined;
}

/** A conf list that is to be installed, judged good. */
export interface Wanted {
  readonly text: string;
  readonly network: string;
  readonly master: string | undefined;
  /** Absent where addresses are another IPAM plugin's, of which the agent knows nothing. */
  readonly ipam: InstalledIpam | undefined;
}

/**
 * Judges as preflight does: what ADD only warns of is refused here.
 *
 * @param file its name, for messages
 * @param node this node's name at the server; the plugin, whom nobody tells it, finds it in the list that is installed
 * @throws Problem INSTALL_CONF_REFUSED with all that there is to say of it
 */
export function readWanted(file: string, given: string, node?: string): Wanted {
  const text = node === undefined ? given : withNode(given, node);
  const { findings } = judgeConf(file, text);
  if (!isFit(findings)) {
    const bad = findings.filter(({ level }) => level !== 'ok');
    throw new Problem('INSTALL_CONF_REFUSED', `nothing was changed\n${printFindings(bad)}`);
  }
  const list = read(text);
  if (list.raw('plugins') === undefined) {
    const words = `${file} is a single plugin's configuration; a conf list has it in "plugins": [ … ]`;
    throw new Problem('INSTALL_CONF_REFUSED', words);
  }
  return {
    text,
    network: list.text('name') ?? '',
    master: sectionIn(list)?.text('master'),
    ipam: ipamOf(text),
  };
}

/** The text with the node's name in each IPAM section of ours that has none; all else stays as it is written. */
function withNode(text: string, node: string): string {
  if (new ConfText(text).fault !== undefined) {
    return text;
  }
  const formattingOptions = { insertSpaces: true, tabSize: 2, keepLines: true };
  return read(text)
    .objects('plugins')
    .reduce((sofar, plugin, index) => {
      const isNameless = isOverOurs(plugin) && plugin.object('ipam').text('node') === undefined;
      const path = ['plugins', index, 'ipam', 'node'];
      return isNameless ? applyEdits(sofar, modify(sofar, path, node, { formattingOptions })) : sofar;
    }, text);
}

/** @param text JSON; whatever else it holds is passed over */
export function ipamOf(text: string): InstalledIpam | undefined {
  const section = sectionIn(read(text));
  const ipam = section !== undefined && isOverOurs(section) ? section.object('ipam') : undefined;
  return ipam && { agent: ipam.text('agent'), stateDir: ipam.text('stateDir') };
}

function read(text: string): Fields {
  return new Fields(JSON.parse(text), () => undefined);
}

/** The plugin's own section, or that of the one whose IPAM plugin it is. */
function sectionIn(list: Fields): Fields | undefined {
  const plugins = list.objects('plugins');
  return plugins.find((each) => each.text('type') === 'realip') ?? plugins.find(isOverOurs);
}

function isOverOurs(plugin: Fields): boolean {
  return plugin.object('ipam').text('type') === 'realip-ipam';
}
