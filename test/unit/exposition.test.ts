import { describe, expect, it } from '@jest/globals';
import { parseExposition, valuesOf } from '../support/exposition.js';

const HEAD = '# HELP a_total counts\n# TYPE a_total counter\n';
const HISTOGRAM = '# HELP h spread\n# TYPE h histogram\n';

describe('the check of the text format', () => {
  it('takes what is right', () => {
    const text = `${HEAD}a_total{x="1\\"\\n",y=""} 1e3\n\n${HISTOGRAM}h_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.5\nh_count 2\n`;
    const families = parseExposition(text);
    expect([...valuesOf(families, 'a_total')]).toEqual([['x=1"\n,y=', 1_000]]);
    expect(families.get('h')?.samples).toHaveLength(4);
  });

  it.each([
    ['a line without an end', `${HEAD}a_total 1`],
    ['a sample without a type', 'a_total 1\n'],
    ['a family in two pieces', `${HEAD}a_total 1\n${HISTOGRAM}${HEAD}a_total 2\n`],
    ['a series twice', `${HEAD}a_total{x="1"} 1\na_total{x="1"} 2\n`],
    ['a label twice', `${HEAD}a_total{x="1",x="2"} 1\n`],
    ['a trailing comma', `${HEAD}a_total{x="1",} 1\n`],
    ['a quote that is not escaped', `${HEAD}a_total{x="a"b"} 1\n`],
    ['no number', `${HEAD}a_total undefined\n`],
    ['a counter below 0', `${HEAD}a_total -1\n`],
    ['a counter without _total', '# HELP a x\n# TYPE a counter\na 1\n'],
    ['buckets that fall', `${HISTOGRAM}h_bucket{le="1"} 3\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n`],
    ['no +Inf', `${HISTOGRAM}h_bucket{le="1"} 2\nh_sum 1\nh_count 2\n`],
    ['a count that is another', `${HISTOGRAM}h_bucket{le="+Inf"} 2\nh_sum 1\nh_count 3\n`],
  ])('refuses %s', (_name, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
