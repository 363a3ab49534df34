import { type Caller, mayAct, PunctualError, reaches, type Role, type Scope } from '../core/index.js';

/**
 * Lets pass who may do what takes at least `role` (API-10). Call it first in a resolver, inside `asPayload`.
 * @throws FORBIDDEN
 */
export function requireRole(caller: Caller, role: Role): void {
  if (!mayAct(caller, role)) {
    throw new PunctualError(
      'FORBIDDEN',
      `this takes the role ${role}; these credentials have ${caller.role}`,
    );
  }
}

/** Lets pass whose credentials reach as far as `scope` (SEC-4); the edge calls it for every field. @throws FORBIDDEN */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!reaches(caller, scope)) {
    const own = caller.scopes?.join(', ') || 'none';
    throw new PunctualError('FORBIDDEN', `this takes the scope ${scope}; these credentials have ${own}`);
  }
}
