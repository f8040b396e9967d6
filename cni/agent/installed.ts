import { Fields } from '../../core/cni/fields.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import { readConfig } from '../plugin/config.ts';
import { isDelegatedTo } from '../plugin/ipam-config.ts';
import type { InstalledConf } from './settings.ts';

/**
 * The plugin's own section of an installed conf list; undefined where none is installed.
 *
 * @throws Problem INVALID_NETWORK_CONFIG naming file and field
 */
export function readInstalled(path: string): InstalledConf | undefined {
  let text: string;
  try {
    text = files().readFileSync(path, 'utf8');
  } catch (error) {
    if (!files().existsSync(path)) {
      return undefined;
    }
    throw new Problem('INVALID_NETWORK_CONFIG', `${path}: ${reasonOf(error)}`, {}, error);
  }
  // An installer writes it in place, empty for a moment.
  if (text.trim() === '') {
    return undefined;
  }
  const onFault = (words: string): never => {
    throw new Problem('INVALID_NETWORK_CONFIG', `${path}: ${words}`);
  };
  const list = new Fields(parse(text, onFault), onFault);
  const plugins = list.raw('plugins') === undefined ? [list] : list.objects('plugins');
  const own = plugins.find((each) => each.text('type') === 'realip');
  if (own === undefined || isDelegatedTo(own.object('ipam').text('type') ?? '')) {
    return undefined;
  }
  return readConfig(own, '1.0.0', list.text('name') ?? '', onFault);
}

function parse(text: string, onFault: (words: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return onFault(`it is no JSON: ${reasonOf(error)}`);
  }
}
