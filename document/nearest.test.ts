import { nearest } from './nearest.ts';

const fields = ['type', 'nodeSelector', 'tolerations', 'ipResource', 'dns'];

describe('nearest', () => {
  test('finds the field behind a slip of the finger', () => {
    expect(nearest('nodeSelecter', fields)).toBe('nodeSelector');
    expect(nearest('tpye', fields)).toBe('type');
    expect(nearest('toleration', fields)).toBe('tolerations');
  });

  test('looks past upper and lower case', () => {
    expect(nearest('ipresource', fields)).toBe('ipResource');
    expect(nearest('DNS', fields)).toBe('dns');
  });

  test('stays silent when nothing is near', () => {
    expect(nearest('replicas', fields)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
    expect(nearest('long'.repeat(200), fields)).toBeUndefined();
  });
});
