import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { AuditEntryDoc, Role } from '../../core/index.js';
import { connectionOf } from '../../schema/connection.js';
import { RoleEnum } from '../../schema/enums.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { DateTime } from '../../schema/scalars.js';

@ObjectType('AuditEntry', {
  implements: Node,
  description: 'Who did what: one entry for each mutation, refused ones included. It holds no personal data.',
})
export class AuditEntryType implements Node {
  constructor(readonly doc: AuditEntryDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('AuditEntry', this.doc._id);
  }

  @Field(() => DateTime, { description: 'When it began, in real time.' })
  get at(): Date {
    return this.doc.at;
  }

  @Field(() => String, { description: 'The user on whose behalf it was done.' })
  get owner(): string {
    return this.doc.owner;
  }

  @Field(() => RoleEnum, { description: 'The role that the caller had.' })
  get role(): Role {
    return this.doc.role;
  }

  @Field(() => String, {
    description:
      'What proved the caller: `key:` and the id of an API key, or `token:` and the id (jti) of a token, or its subject.',
  })
  get credential(): string {
    return this.doc.credential;
  }

  @Field(() => String, { description: "The mutation's name." })
  get action(): string {
    return this.doc.action;
  }

  @Field(() => [String], {
    description:
      'Global ids, and names like `name:general`, of what it was about and of what came of it; the first hundred.',
  })
  get subjects(): readonly string[] {
    return this.doc.subjects;
  }

  @Field(() => Int, { description: 'How many subjects there were in all.' })
  get subjectCount(): number {
    return this.doc.subjectCount;
  }

  @Field(() => Int, { description: 'In bulk, how many items were refused, of those that the answer names.' })
  get refused(): number {
    return this.doc.refused;
  }

  @Field(() => String, {
    nullable: true,
    description:
      'OK when the call was carried out, whatever became of its items; else the code of its error. Null: it began, and it is not known how it ended.',
  })
  get outcome(): string | null {
    return this.doc.outcome;
  }

  @Field(() => String, { description: 'Of the request, as in the log and in errors.' })
  get requestId(): string {
    return this.doc.requestId;
  }
}

/** `AuditEntryConnection`. */
export const AuditEntryConnection = connectionOf('AuditEntry', () => AuditEntryType);
