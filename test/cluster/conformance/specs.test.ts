import { conformanceSpecs, focusOn } from './specs.ts';

const list = `The following spec names can be used with 'ginkgo run --focus/skip':
    k8s.io/kubernetes@v1.34.4/test/e2e/network/service.go:9: [sig-network] Services should serve [LinuxOnly] [Conformance]
    k8s.io/kubernetes@v1.34.4/test/e2e/network/dns.go:130: [sig-network] DNS should provide /etc/hosts entries for the cluster [Conformance]
    k8s.io/kubernetes@v1.34.4/test/e2e/network/dns.go:140: [sig-network] DNS quick
    k8s.io/kubernetes@v1.34.4/test/e2e/apps/job.go:1: [sig-apps] Job should run [Conformance]
`;

test('the network’s Conformance specs are found in the list of all', () => {
  expect(conformanceSpecs(list)).toEqual([
    '[sig-network] DNS should provide /etc/hosts entries for the cluster [Conformance]',
    '[sig-network] Services should serve [LinuxOnly] [Conformance]',
  ]);
});

test('a focus fits the spec that it is made of, and not one with other words', () => {
  const focus = new RegExp(focusOn('[sig-network] (a.b) [Conformance]'));
  expect(focus.test('[sig-network] (a.b) [Conformance] [sig-network, Conformance]')).toBe(true);
  expect(focus.test('[sig-network] (aXb) [Conformance]')).toBe(false);
});
