import { Notes } from './notes.ts';

function notes() {
  const said: string[] = [];
  const log = {
    info: (words: string) => said.push(`info ${words}`),
    warn: (words: string) => said.push(`warn ${words}`),
  };
  return { notes: new Notes(log), said };
}

test('a fault is said once, and its end too', () => {
  const { notes: book, said } = notes();
  book.faulty('master-gone', ['eth0 is gone']);
  book.faulty('master-gone', ['eth0 is gone']);
  expect(book.faults.get('master-gone')).toEqual(['eth0 is gone']);
  book.faulty('master-gone', []);
  book.faulty('master-gone', []);
  expect(said).toEqual(['warn eth0 is gone', 'info no longer: eth0 is gone']);
  expect(book.faults.get('master-gone')).toEqual([]);
});

test('each repair is counted by its kind', () => {
  const { notes: book, said } = notes();
  book.repaired('shim', 'the shim is back');
  book.repaired('shim', 'the shim is back');
  expect(book.repairs.get('shim')).toBe(2);
  expect(book.repairs.get('mtu')).toBe(0);
  expect(said).toHaveLength(2);
});
