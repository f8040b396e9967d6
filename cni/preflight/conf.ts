import { Fields } from '../../core/cni/fields.ts';
import { isNetworkName } from '../../core/cni/names.ts';
import { cniVersions, isCniVersion, newestVersion } from '../../core/cni/version.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import { nearest } from '../../document/nearest.ts';
import { type Config, configKeys, readConfig, unknownKeys } from '../plugin/config.ts';
import { ipamKeys } from '../plugin/ipam-config.ts';
import { refuse } from '../plugin/refusals.ts';
import { ConfText } from './conf-text.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { pathIn } from './place.ts';

type Path = (string | number)[];

/** Keys of a conf list beside its plugins (CNI specification, "Network configuration format"). */
const listKeys = [
  'cniVersion',
  'cniVersions',
  'name',
  'disableCheck',
  'disableGC',
  'loadOnlyInlinedPlugins',
  'plugins',
];
const capabilities = ['mac', 'ips', 'io.kubernetes.cri.pod-annotations'];

/** A configuration file as preflight sees it. */
export interface JudgedConf {
  readonly findings: Finding[];
  /** The plugin's own section, where it can be read at all. */
  readonly config?: Config;
}

/**
 * Judges a conf list, or a single plugin's configuration, more strictly than ADD does: what ADD tolerates with a
 * warning, so that a node survives a downgrade, is refused before it is installed.
 *
 * @param file its name, for messages
 */
export function judgeConf(file: string, text: string): JudgedConf {
  const source = new ConfText(text);
  if (source.fault !== undefined) {
    const { line, reason } = source.fault;
    const cure = 'Write plain JSON: double quotes, no comments, no comma after the last member.';
    return { findings: [error('conf-not-json', `${file}:${line}: ${reason}`, cure)] };
  }
  return new Judgement(file, source).judge();
}

class Judgement {
  readonly #file: string;
  readonly #source: ConfText;
  readonly #document: unknown;
  readonly #findings: Finding[] = [];

  constructor(file: string, source: ConfText) {
    this.#file = file;
    this.#source = source;
    this.#document = source.value;
  }

  judge(): JudgedConf {
    for (const { key, line } of this.#source.twice) {
      const cure = 'Remove one of them: readers of JSON take the last and say nothing.';
      this.#findings.push(
        error('conf-duplicate-key', `${this.#file}:${line}: "${key}" stands here twice`, cure),
      );
    }
    const list = this.#fields(this.#document, []);
    const isList = list.raw('plugins') !== undefined;
    if (isList) {
      this.#refuseUnknown(
        list.keys.filter((key) => !listKeys.includes(key)),
        listKeys,
        [],
      );
    }
    const config = this.#plugin(list, isList);
    if (this.#findings.every(({ level }) => level !== 'error')) {
      this.#findings.push(ok('conf', `${this.#file} is a configuration that this version understands`));
    }
    return { findings: this.#findings, ...(config && { config }) };
  }

  #plugin(list: Fields, isList: boolean): Config | undefined {
    const name = this.#name(list);
    const version = this.#version(list);
    const plugins = isList ? list.objects('plugins') : [list];
    const index = plugins.findIndex((each) => each.text('type') === 'realip');
    const path = isList ? ['plugins', index] : [];
    if (index < 0) {
      this.#refuseOthers(plugins, isList);
      return undefined;
    }
    const own = this.#fields(isList ? this.#at(path) : this.#document, path);
    this.#refuseUnknown(unknownKeys(own), configKeys, path);
    this.#doubtCapabilities(own, path);
    const config = readConfig(own, version, name, (message, at) => this.#invalid(message, path, at));
    try {
      refuse(config);
    } catch (refusal) {
      this.#invalid(reasonOf(refusal), path, '');
    }
    this.#doubtFollowers(plugins.slice(index + 1), config);
    return config;
  }

  #name(list: Fields): string {
    const name = list.text('name') ?? '';
    if (!isNetworkName(name)) {
      this.#invalid(name === '' ? 'name is missing' : `name "${name}" is no name`, [], 'name');
    }
    return name;
  }

  #version(list: Fields) {
    const text = list.text('cniVersion') ?? '0.1.0';
    if (isCniVersion(text)) {
      return text;
    }
    this.#invalid(`cniVersion is "${text}"; spoken are ${cniVersions.join(', ')}`, [], 'cniVersion');
    return newestVersion;
  }

  /** No section of ours: then an IPAM section under another plugin will do. */
  #refuseOthers(plugins: readonly Fields[], isList: boolean): void {
    const types = plugins.map((each) => each.text('type') ?? '');
    const near = types.find((type) => nearest(type, ['realip']) !== undefined);
    const isOverOurs = (each: Fields) => each.object('ipam').text('type') === 'realip-ipam';
    const index = near === undefined ? plugins.findIndex(isOverOurs) : -1;
    const ipam = plugins[index]?.object('ipam');
    if (ipam !== undefined) {
      const path = isList ? ['plugins', index, 'ipam'] : ['ipam'];
      this.#refuseUnknown(
        ipam.keys.filter((key) => !ipamKeys.includes(key)),
        ipamKeys,
        path,
      );
      return;
    }
    this.#findings.push(
      error(
        'conf-no-realip',
        `${this.#file}: no plugin of the list is of the type "realip"${near ? `; did you mean it by "${near}"?` : ''}`,
        'Write a plugin with "type": "realip"; docs/cni.md has one to begin with.',
      ),
    );
  }

  #refuseUnknown(unknown: readonly string[], known: readonly string[], path: Path): void {
    for (const key of unknown) {
      const isOfIpam = key.startsWith('ipam.');
      const name = isOfIpam ? key.slice('ipam.'.length) : key;
      const meant = nearest(name, isOfIpam ? ipamKeys : known);
      const line = this.#source.lineOf([...path, ...pathIn(this.#at(path), key)]);
      const cure = meant === undefined ? 'Remove it.' : `Did you mean "${meant}"?`;
      this.#findings.push(error('conf-unknown-key', `${this.#file}:${line}: unknown key "${key}"`, cure));
    }
  }

  #doubtCapabilities(own: Fields, path: Path): void {
    for (const key of own.object('capabilities').keys.filter((each) => !capabilities.includes(each))) {
      const line = this.#source.lineOf([...path, 'capabilities', key]);
      const words = `${this.#file}:${line}: the capability "${key}" means nothing to realip`;
      this.#findings.push(warning('conf-unknown-capability', words, `Known are ${capabilities.join(', ')}.`));
    }
  }

  /** What works on an overlay and can't on a macvlan: its traffic doesn't pass the node's translation. */
  #doubtFollowers(followers: readonly Fields[], { dataplane }: Config): void {
    if (dataplane === 'macvlan' && followers.some((each) => each.text('type') === 'portmap')) {
      this.#findings.push(
        warning(
          'portmap-on-macvlan',
          `${this.#file}: portmap stands after a macvlan, whose traffic does not pass the node: hostPort does not work from outside`,
          'Reach pods by their own addresses, or use "dataplane": "ptp".',
        ),
      );
    }
  }

  #fields(value: unknown, path: Path): Fields {
    return new Fields(value, (message, at) => this.#invalid(message, path, at));
  }

  #invalid(message: string, path: Path, at: string): void {
    const line = this.#source.lineOf([...path, ...pathIn(this.#at(path), at)]);
    const finding = error(
      'conf-invalid',
      `${this.#file}:${line}: ${message}`,
      'docs/cni.md explains every field.',
    );
    if (!this.#findings.some((each) => each.message === finding.message)) {
      this.#findings.push(finding);
    }
  }

  #at(path: Path): unknown {
    return path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      this.#document,
    );
  }
}
