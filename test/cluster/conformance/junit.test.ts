import { casesOf, junitOf } from './junit.ts';

// As Ginkgo 2.27 writes it: attributes of one line each, Go's own entities.
const report = `<?xml version="1.0" encoding="UTF-8"?>
  <testsuites tests="7148" disabled="7145" errors="1" failures="1" time="59.7">
      <testsuite name="Kubernetes e2e suite" package="/tmp" tests="7148" skipped="7145" errors="1" failures="1">
          <properties><property name="SuiteSucceeded" value="false"></property></properties>
          <testcase name="[SynchronizedBeforeSuite]" classname="Kubernetes e2e suite" status="passed" time="0.09"></testcase>
          <testcase name="[It] [sig-network] Services should be &#34;fine&#34; &amp; fast [Conformance]" classname="Kubernetes e2e suite" status="passed" time="7.25">
              <system-err>&lt;testcase name=&#34;[It] a trap&#34;&gt;</system-err>
          </testcase>
          <testcase name="[It] [sig-network] DNS should answer" classname="Kubernetes e2e suite" status="failed" time="30.5">
              <failure message="Timed out after 30s.&#xA;Expected &lt;bool&gt;: true" type="failed">at dns.go:12</failure>
              <system-err>much</system-err>
          </testcase>
          <testcase name="[It] [sig-network] HostPort waits" classname="Kubernetes e2e suite" status="interrupted" time="22">
              <error message="Interrupted by User" type="interrupted">at hostport.go:3</error>
          </testcase>
          <testcase name="[It] [sig-storage] CSI" classname="Kubernetes e2e suite" status="skipped" time="0">
              <skipped message="skipped - needs 3 nodes"></skipped>
          </testcase>
      </testsuite>
  </testsuites>`;

test('a report’s specs are read with how they ended and why, without what is beside them', () => {
  expect(casesOf(report)).toEqual([
    {
      name: '[sig-network] Services should be "fine" & fast [Conformance]',
      state: 'passed',
      seconds: 7.25,
      why: '',
    },
    {
      name: '[sig-network] DNS should answer',
      state: 'failed',
      seconds: 30.5,
      why: 'failed: Timed out after 30s.\nExpected <bool>: true',
    },
    {
      name: '[sig-network] HostPort waits',
      state: 'failed',
      seconds: 22,
      why: 'interrupted: Interrupted by User',
    },
    { name: '[sig-storage] CSI', state: 'skipped', seconds: 0, why: 'skipped: skipped - needs 3 nodes' },
  ]);
});

test('a report that breaks off is refused', () => {
  expect(() => casesOf(report.slice(0, 900))).toThrow('cut off');
});

test('a report of ours says the same when it is read again', () => {
  const cases = casesOf(report);
  const ours = junitOf('realip ptp', cases).replaceAll('<testcase name="', '<testcase name="[It] ');
  expect(casesOf(ours).map(({ name, state }) => `${state} ${name}`)).toEqual(
    cases.map(({ name, state }) => `${state} ${name}`),
  );
  expect(ours).toContain('tests="4" failures="2" skipped="1"');
});
