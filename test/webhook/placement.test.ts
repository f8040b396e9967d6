import fc from 'fast-check';
import { judged, mutate } from '../../webhook/admission/judge.ts';
import type { Verdict } from '../../webhook/admission/verdict.ts';
import type { Pod } from '../../webhook/policy/pod.ts';
import type { Policy } from '../../webhook/policy/policy.ts';
import { missing } from './arbitrary/contains.ts';
import { isOfZone, isWanted, mayLand } from './arbitrary/expected.ts';
import { type AnyPod, others, pods } from './arbitrary/pod.ts';
import { everyNode, node } from './arbitrary/requirement.ts';
import { policies } from './arbitrary/zone.ts';
import { applyPatch } from './json-patch.ts';
import { fits } from './scheduler/fits.ts';
import { fitsAffinity } from './scheduler/node-affinity.ts';

const nodes = fc.array(node, { minLength: 20, maxLength: 40 });
const strange = pods({ isStrange: true });

function verdictOn(policy: Policy, pod: AnyPod): Verdict {
  return judged(mutate, policy, { pod: pod as Pod, namespace: 'shop', namespaceLabels: {} });
}

/** The pod as the API server has it after the webhook's answer; null where it is denied. */
function placed(policy: Policy, pod: AnyPod): AnyPod | null {
  const verdict = verdictOn(policy, pod);
  return verdict.kind === 'placed' ? (applyPatch(pod, verdict.patch) as AnyPod) : null;
}

/** What a pod says without the mark of who decided, and without the DNS policy that a company's zone replaces. */
function stripped({ metadata, spec }: AnyPod): AnyPod {
  const { 'realip.io/placed-by': _, ...annotations } = metadata?.annotations ?? {};
  return { metadata: { ...metadata, annotations }, spec: { ...spec, dnsPolicy: null } };
}

test('a placed pod fits exactly the nodes of its zone that its own wishes allow', () => {
  let fitting = 0;
  fc.assert(
    fc.property(policies, strange, nodes, ({ policy, zone }, pod, some) => {
      const after = placed(policy, pod);
      if (after === null) {
        return;
      }
      expect(some.filter((each) => fits(after.spec, each) !== mayLand(zone, pod.spec, each))).toEqual([]);
      fitting += some.filter((each) => fits(after.spec, each)).length;
    }),
    { numRuns: 1000 },
  );
  expect(fitting).toBeGreaterThan(500);
});

test('a pod is denied only where no node at all is both its zone’s and one that it wishes for', () => {
  let denied = 0;
  fc.assert(
    fc.property(policies, strange, ({ policy, zone }, pod) => {
      if (placed(policy, pod) === null) {
        denied++;
        expect(everyNode.filter((each) => isWanted(zone, pod.spec, each))).toEqual([]);
      }
    }),
    { numRuns: 1000 },
  );
  expect(denied).toBeGreaterThan(100);
});

test('a pod is denied where its wishes and its zone exclude each other, and either alone leaves nodes', () => {
  let excluding = 0;
  fc.assert(
    fc.property(policies, pods({ isStrange: false }), ({ policy, zone }, pod) => {
      const isExcluded =
        !everyNode.some((each) => isWanted(zone, pod.spec, each)) &&
        everyNode.some((each) => isOfZone(zone, each)) &&
        everyNode.some((each) => fitsAffinity(pod.spec, each));
      const verdict = verdictOn(policy, pod);
      if (isExcluded) {
        excluding++;
        expect(verdict).toMatchObject({ kind: 'denied', reason: 'POD_ZONE_CONTRADICTION' });
      }
      if (verdict.kind === 'denied') {
        expect(verdict.problem.message).toContain(`zone "${zone.name}"`);
        expect(verdict.problem.message).toContain(String(verdict.problem.facts['key']));
      }
    }),
    { numRuns: 800 },
  );
  expect(excluding).toBeGreaterThan(50);
});

test('the patched pod needs no other patch, and nothing that its author wrote is lost', () => {
  fc.assert(
    fc.property(policies, strange, ({ policy }, pod) => {
      const after = placed(policy, pod);
      if (after === null) {
        return;
      }
      expect(verdictOn(policy, after)).toMatchObject({ kind: 'placed', reason: 'unchanged', patch: [] });
      expect(missing(stripped(pod), after)).toBeNull();
    }),
    { numRuns: 1000 },
  );
});

test('a pod that another webhook changes after its placement is placed again, and nothing is doubled', () => {
  fc.assert(
    fc.property(policies, strange, others, nodes, ({ policy, zone }, pod, change, some) => {
      const first = placed(policy, pod);
      if (first === null) {
        return;
      }
      const changed = change(first);
      const again = placed(policy, changed);
      if (again === null) {
        expect(everyNode.filter((each) => isWanted(zone, changed.spec, each))).toEqual([]);
        return;
      }
      expect(some.filter((each) => fits(again.spec, each) !== mayLand(zone, changed.spec, each))).toEqual([]);
      expect(missing(stripped(changed), again)).toBeNull();
      expect(asking(again)).toBeLessThanOrEqual(Math.max(1, asking(changed)));
      expect(verdictOn(policy, again)).toMatchObject({ patch: [] });
    }),
    { numRuns: 800 },
  );
});

/** How many containers ask for an address. */
function asking({ spec }: AnyPod): number {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].filter(({ resources }) =>
    [resources?.requests, resources?.limits].some((each) => Object.hasOwn(each ?? {}, 'realip.io/ip')),
  ).length;
}
