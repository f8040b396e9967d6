import { withTable } from './page.ts';

const page = `# Figures
<!-- measured -->
old
<!-- /measured -->
between
<!-- measured: etcd -->
<!-- /measured: etcd -->
end
`;

test('a table takes the place of the one between its section’s marks, and of nothing else', () => {
  const whole = withTable(page, null, 'new\n');
  expect(whole).toBe(page.replace('old', 'new'));
  const etcd = withTable(whole, 'etcd', 'a\nb\n');
  expect(etcd).toBe(whole.replace('etcd -->\n<', 'etcd -->\na\nb\n<'));
  expect(withTable(etcd, 'etcd', 'c\n')).toBe(whole.replace('etcd -->\n<', 'etcd -->\nc\n<'));
});

test('a page without the marks is left alone', () => {
  expect(() => withTable(page, 'other', 'new\n')).toThrow('<!-- measured: other -->');
});
