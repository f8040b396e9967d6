import { sumOf } from './exposition.ts';

const text = `# TYPE a_seconds histogram
a_seconds_bucket{operation="x",le="+Inf"} 2
a_seconds_sum{operation="x"} 0.25
a_seconds_sum{operation="y"} 1e-05
a_seconds_count{operation="x"} 2
b_seconds_sum 3
`;

test('a histogram’s sum is found by name and labels, and is 0 before it has seen anything', () => {
  expect(sumOf(text, 'a_seconds{operation="x"}')).toBe(0.25);
  expect(sumOf(text, 'a_seconds{operation="y"}')).toBe(0.00001);
  expect(sumOf(text, 'b_seconds')).toBe(3);
  expect(sumOf(text, 'a_seconds{operation="z"}')).toBe(0);
  expect(sumOf(text, 'a_seconds')).toBe(0);
});
