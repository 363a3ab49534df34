/** Who asks, and what that role may see and do (CORE-5, API-10). */

/** From least to most: each may do what those before it may. */
export const ROLES = ['VIEWER', 'MANAGER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a credential may be held to within its role (SEC-4). Reading is one scope, because what can be read leads on to
 * the rest: a delivery to its run, a run to its deliveries.
 */
export const SCOPES = ['read', 'deliveries:write', 'programs:write', 'operate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The owner under which everybody's figures are kept once more, so that operators read few documents. No caller has it. */
export const EVERYBODY = '*';

/** Longest name of an owner, in characters. */
const LONGEST_OWNER = 128;

/** The one on whose behalf a request runs. */
export interface Caller {
  /** The user whose deliveries it makes and sees. */
  readonly owner: string;
  readonly role: Role;
  /** Null: everything that the role permits. */
  readonly scopes: readonly Scope[] | null;
  /** What proved it, for limits and the audit: `key:` and the id of an API key, `token:` and the id of a JWT. */
  readonly credential: string;
  /** When the proof ends by itself, in real time; null: never. */
  readonly expiresAt: Date | null;
}

/** True when `caller` may do what takes at least `role`. */
export function mayAct(caller: Caller, role: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(role);
}

/** True when what `caller` came with reaches as far as `scope`; what its role permits is another question. */
export function reaches(caller: Pick<Caller, 'scopes'>, scope: Scope): boolean {
  return caller.scopes === null || caller.scopes.includes(scope);
}

/** The part of every query that holds a caller to its own: operators and admins see all owners. */
export function ownedBy(caller: Caller): { owner?: string } {
  return mayAct(caller, 'OPERATOR') ? {} : { owner: caller.owner };
}

/** Whether somebody may be called so: a short name that is not everybody's. */
export function isOwnerName(name: string): boolean {
  return name !== '' && name.length <= LONGEST_OWNER && name !== EVERYBODY;
}
