import { type Caller, mayAct, PunctualError, type Role } from '../core/index.js';

/**
 * Lets pass who may do what takes at least `role` (API-10). Call it first in a resolver, inside `asPayload`.
 * @throws FORBIDDEN
 */
export function requireRole(caller: Caller, role: Role): void {
  if (!mayAct(caller, role)) {
    throw new PunctualError('FORBIDDEN', `this takes the role ${role}; this key has ${caller.role}`);
  }
}
