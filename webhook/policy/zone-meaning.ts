import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/shape.ts';
import type { Path } from '../../document/source.ts';
import { canMeet, describe, equality, type Requirement, requirementOf } from '../placement/requirement.ts';
import {
  checkLabels,
  checkSettings,
  type Report,
  requirementFault,
  tolerationFault,
} from './field-meaning.ts';
import { isLabelValue } from './label-syntax.ts';
import { noZone } from './names.ts';
import { textAt } from './pod.ts';
import type { PolicyFile, Zone, ZoneFile } from './policy.ts';
import { resolveZones } from './resolve.ts';
import { parentsFirst } from './zone-order.ts';

/** Names, fields and families of the zones. */
export function checkZones(zones: PolicyFile['zones'], report: Report): void {
  const resolved = resolveZones(zones);
  const names = Object.keys(zones);
  for (const [name, zone] of Object.entries(zones)) {
    const path = ['zones', name];
    checkName(name, path, report);
    checkFields(zone, path, report);
    const { within } = zone;
    if (within === undefined) {
      if (zone.type === undefined) {
        report.atKey(path, `zones.${name} needs the field "type", or "within" to be a part of another zone`);
      }
    } else if (!names.includes(within)) {
      const hint = didYouMean(nearest(within, names)) || `; known are ${names.join(', ')}`;
      report.at([...path, 'within'], `zones.${name}.within names the unknown zone "${within}"${hint}`);
    } else {
      const parent = resolved.get(within);
      if (parent !== undefined) {
        checkAgainst(parent, zone, path, report);
      }
    }
    checkNodes(resolved.get(name), resolved.get(within ?? ''), path, report);
  }
  for (const loop of parentsFirst(zones).loops) {
    const [first = ''] = loop;
    report.at(
      ['zones', first, 'within'],
      `zones.${first}.within makes a loop: ${[...loop, first].join(' is within ')}`,
    );
  }
}

function checkName(name: string, path: Path, report: Report): void {
  if (name === noZone) {
    report.atKey(path, `a zone can't be called "${noZone}": that means no zone`);
  } else if (name === '' || !isLabelValue(name)) {
    report.atKey(path, `the zone name "${name}" is not a label value`);
  }
}

function checkFields(zone: ZoneFile, path: Path, report: Report): void {
  checkLabels(zone.nodeSelector ?? {}, [...path, 'nodeSelector'], report);
  const checkEach = (field: string, faults: readonly (string | null)[]) => {
    for (const [index, fault] of faults.entries()) {
      if (fault !== null) {
        report.at([...path, field, index], `${[...path, field].join('.')}[${index}]: ${fault}`);
      }
    }
  };
  checkEach('matchExpressions', (zone.matchExpressions ?? []).map(requirementFault));
  checkEach('tolerations', (zone.tolerations ?? []).map(tolerationFault));
  checkSettings(zone, path, report);
}

/** A part of a zone has fewer nodes than the whole, never others. */
function checkAgainst(parent: Zone, zone: ZoneFile, path: Path, report: Report): void {
  const name = path.join('.');
  if (zone.type !== undefined && parent.type !== zone.type) {
    report.at(
      [...path, 'type'],
      `${name}.type is ${zone.type}, but the zone "${parent.name}" that it is within is ${parent.type}`,
    );
  }
  for (const [key, value] of Object.entries(zone.nodeSelector ?? {})) {
    const inherited = textAt(parent.nodeSelector, key);
    if (inherited !== undefined && inherited !== value) {
      report.at(
        [...path, 'nodeSelector', key],
        `${name}.nodeSelector wants ${key}="${value}", but the zone "${parent.name}" that it is within has ${key}="${inherited}"`,
      );
    }
  }
}

/** A zone whose conditions exclude each other would keep all its pods Pending. */
function checkNodes(zone: Zone | undefined, parent: Zone | undefined, path: Path, report: Report): void {
  const clash = zone && clashOf(zone);
  if (clash && (parent === undefined || clashOf(parent) === null)) {
    report.atKey(
      path,
      `no node can be in ${path.join('.')}: ${clash.map(describe).join(', ')} exclude each other`,
    );
  }
}

/** Requirements on one label that no node can meet together, or null. */
function clashOf({ nodeSelector, matchExpressions }: Zone): readonly Requirement[] | null {
  if (matchExpressions.some((each) => requirementFault(each) !== null)) {
    return null;
  }
  const byKey = new Map<string, Requirement[]>();
  const all = [
    ...Object.entries(nodeSelector).map(([key, value]) => equality(key, value)),
    ...matchExpressions.map(requirementOf),
  ];
  for (const each of all) {
    byKey.set(each.key, [...(byKey.get(each.key) ?? []), each]);
  }
  return [...byKey.values()].find((each) => !canMeet(each)) ?? null;
}
