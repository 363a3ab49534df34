import type { CreateIndexesOptions, IndexDirection } from 'mongodb';

/**
 * An index in MongoDB's own words, with a name that queries can hint at. The name must be among the options: where keys
 * are given raw, MikroORM passes both on as they are.
 */
export function mongoIndex(
  name: string,
  keys: Readonly<Record<string, IndexDirection>>,
  options: CreateIndexesOptions = {},
): { options: [Record<string, IndexDirection>, CreateIndexesOptions] } {
  return { options: [{ ...keys }, { ...options, name }] };
}
