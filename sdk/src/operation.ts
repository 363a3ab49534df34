/** What a document's text says about its operation. */
export interface Operation {
  readonly kind: OperationKind;
  /** Its root fields; aliases, directives and names of fragments among them are not told apart. */
  readonly rootFields: readonly string[];
  /** The names of its variables, with the name of each one's type. */
  readonly variableTypes: ReadonlyMap<string, string>;
}

type OperationKind = 'query' | 'mutation' | 'subscription';

/** Strings and comments are matched to be passed over; what counts are marks and names. */
const TOKENS = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|#[^\n\r]*|([{}()$:]|\w+)/g;

/** Reads as much of a document as the client has to know: a whole parser would be larger than the client. */
export function readOperation(text: string): Operation {
  const tokens = [...text.matchAll(TOKENS)].flatMap(([, token]) => token ?? []);
  const rootFields: string[] = [];
  const variableTypes = new Map<string, string>();
  let kind: OperationKind | null = null;
  let [braces, parentheses] = [0, 0];
  for (const [i, token] of tokens.entries()) {
    if (token === '(') parentheses += 1;
    else if (token === ')') parentheses -= 1;
    else if (parentheses > 0) {
      const [name = '', colon, type = ''] = tokens.slice(i + 1, i + 4);
      // Only in an operation's head does a colon follow a variable.
      if (token === '$' && colon === ':') variableTypes.set(name, type);
    } else if (token === '{') braces += 1;
    else if (token === '}') {
      braces -= 1;
      if (braces === 0 && kind !== null) break;
    } else if (braces === 0 && kind === null && isKind(token) && tokens[i - 1] !== 'fragment') kind = token;
    else if (braces === 1 && kind !== null) rootFields.push(token);
  }
  // Without a keyword it is a query: `{ queues { name } }`.
  return { kind: kind ?? 'query', rootFields, variableTypes };
}

function isKind(token: string): token is OperationKind {
  return token === 'query' || token === 'mutation' || token === 'subscription';
}
