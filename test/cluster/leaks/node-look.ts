import type { LiveNode } from '../node/node.ts';
import type { SeenEntry, SeenLink, SeenNode } from './picture.ts';

/**
 * Looks at a node by iproute2, and into every network namespace there that is mounted or that a process holds. Each
 * line it prints is a word, what it is about, and iproute2's JSON.
 */
const script = `
own=$(readlink /proc/self/ns/net)
tell() { printf '%s\\t%s\\t%s\\n' "$1" "$2" "$3"; }
tell links . "$(ip -j -d address show)"
tell routes . "$(ip -j -4 route show table main)"
tell routes . "$(ip -j -6 route show table main)"
tell neighbours . "$(ip -j neigh show nud permanent)"
tell proxies . "$(ip -j neigh show proxy)"
{
  while read -r _ _ _ root point _; do
    case $root in net:*) echo "$root $point";; esac
  done < /proc/self/mountinfo
  for link in /proc/[0-9]*/ns/net; do
    echo "$(readlink "$link" 2>/dev/null) $link"
  done
} | sort -u -k 1,1 | while read -r inode path; do
  if [ -n "$path" ] && [ "$inode" != "$own" ] && seen=$(nsenter --net="$path" ip -j -d address show 2>/dev/null); then
    tell namespace "$path" "$seen"
  fi
done
`;

// biome-ignore lint/suspicious/noExplicitAny: iproute2's JSON
type Told = any;

/** What a node's kernel has at this moment; null while it is off. */
export async function lookAt(node: LiveNode): Promise<SeenNode | null> {
  if (!node.machine.isOn) {
    return null;
  }
  const { status, stdout, stderr } = await node.enter(['sh', '-c', script]);
  if (status !== 0) {
    throw new Error(`${node.name} can't be looked at: ${stderr}`);
  }
  const lines = stdout.split('\n').map((line) => line.split('\t'));
  const told = (word: string) =>
    lines
      .filter(([first]) => first === word)
      .map(([, about = '', json = '']) => ({ about, list: (json === '' ? [] : JSON.parse(json)) as Told[] }));
  const all = (word: string) => told(word).flatMap(({ list }) => list);
  return {
    name: node.name,
    links: all('links').filter(isLink).map(linkOf),
    routes: all('routes').filter(isToOne).map(entryOf),
    neighbours: all('neighbours').map(entryOf),
    proxies: all('proxies').map(entryOf),
    namespaces: told('namespace').map(({ about, list }) => ({
      name: about,
      links: list.filter(isLink).map(linkOf),
    })),
  };
}

function isLink({ ifname }: Told): boolean {
  return ifname !== undefined && ifname !== 'lo';
}

function linkOf({ ifname, address, linkinfo, addr_info = [] }: Told): SeenLink {
  const global = addr_info.filter(({ scope }: Told) => scope === 'global');
  return {
    name: ifname,
    kind: linkinfo?.info_kind ?? '',
    mac: address,
    addresses: global.map(({ local }: Told) => local),
  };
}

function isToOne({ dst, dev }: Told): boolean {
  return dst !== 'default' && !dst.includes('/') && dev !== undefined;
}

function entryOf({ dst, dev, lladdr }: Told): SeenEntry {
  return { address: dst, device: dev, mac: lladdr };
}
