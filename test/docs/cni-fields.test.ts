import { configKeys } from '../../cni/plugin/config.ts';
import { ipamKeys } from '../../cni/plugin/ipam-config.ts';
import { documentedFields, examples, fieldsOf } from './cni-page.ts';

/** What a runtime puts in, and what speaks to libcni: no administrator's affair. */
const runtimes = ['runtimeConfig', 'prevResult', 'args'];
const libcnis = ['cniVersions', 'disableCheck', 'disableGC', 'loadOnlyInlinedPlugins'];

test('docs/cni.md explains the fields that the plugin knows, these and no others', () => {
  const own = configKeys.filter((key) => ![...runtimes, ...libcnis, 'ipam'].includes(key));
  const known = [...own, ...ipamKeys.map((key) => `ipam.${key}`)];
  expect(documentedFields().toSorted()).toEqual(known.toSorted());
});

// The examples are run, each, by test/kernel/documented.test.ts and test/delegation/documented.test.ts.
test.each(documentedFields())('an example of docs/cni.md shows the field %s', (field) => {
  expect(examples.flatMap(fieldsOf)).toContain(field);
});
