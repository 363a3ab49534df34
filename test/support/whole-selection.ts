import { getNamedType, type GraphQLObjectType, isLeafType, isObjectType } from 'graphql';

/** Every field of a type that needs no argument, `depth` levels deep: what a caller could ask for who asks for all. */
export function wholeSelection(type: GraphQLObjectType, depth: number): string {
  const fields = Object.values(type.getFields()).flatMap(({ name, args, type: of }) => {
    if (args.some((argument) => String(argument.type).endsWith('!') && argument.defaultValue === undefined))
      return [];
    const named = getNamedType(of);
    if (isLeafType(named)) return [name];
    return isObjectType(named) && depth > 1 ? [`${name} ${wholeSelection(named, depth - 1)}`] : [];
  });
  return `{ ${fields.join(' ')} }`;
}
