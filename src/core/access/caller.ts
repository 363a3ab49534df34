/** Who asks, and what that role may see and do (CORE-5, API-10). */

/** From least to most: each may do what those before it may. */
export const ROLES = ['VIEWER', 'MANAGER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** The owner under which everybody's figures are kept once more, so that operators read few documents. No caller has it. */
export const EVERYBODY = '*';

/** The one on whose behalf a request runs. */
export interface Caller {
  /** The user whose deliveries it makes and sees. */
  readonly owner: string;
  readonly role: Role;
  /** The id of the API key, for the audit. */
  readonly keyId: string;
}

/** True when `caller` may do what takes at least `role`. */
export function mayAct(caller: Caller, role: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(role);
}

/** The part of every query that holds a caller to its own: operators and admins see all owners. */
export function ownedBy(caller: Caller): { owner?: string } {
  return mayAct(caller, 'OPERATOR') ? {} : { owner: caller.owner };
}
