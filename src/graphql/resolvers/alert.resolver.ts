import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import type { AlertDoc, AlertState, Severity } from '../../core/index.js';
import { type Connection, PageArgs, readPage } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { AlertStateEnum, SeverityEnum } from '../../schema/enums.js';
import { requireObjectId } from '../../schema/ids.js';
import { requireRole } from '../../schema/roles.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';
import { MAX_PAGE } from '../../schema/connection.js';
import { recordedFeed } from '../recorded-feed.js';
import { readInterval, ResumeArgs } from '../subscription-event.type.js';
import { type AlertChange, AlertEvent } from './alert-event.type.js';
import { AlertConnection, AlertType } from './alert.type.js';

@InputType('AlertFilter', { description: 'Which alerts: those that meet all that is given.' })
class AlertFilterInput {
  @Field(() => [AlertStateEnum], { nullable: true, description: 'In one of these states; null: in any.' })
  states?: AlertState[] | null;

  @Field(() => SeverityEnum, { nullable: true, description: 'Of this severity; null: of any.' })
  severity?: Severity | null;
}

@ArgsType()
class AlertsArgs extends PageArgs {
  @Field(() => AlertFilterInput, { nullable: true, description: 'Null: all.' })
  filter?: AlertFilterInput | null;
}

@InputType('AcknowledgeAlertInput', { description: 'Which alert to take on.' })
class AcknowledgeAlertInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;
}

@InputType('ResolveAlertInput', { description: 'Which alert to settle.' })
class ResolveAlertInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;
}

@ObjectType('AcknowledgeAlertPayload', { implements: Payload, description: 'What became of taking it on.' })
class AcknowledgeAlertPayload extends Payload {
  @Field(() => AlertType, { nullable: true, description: 'The alert, acknowledged; null when refused.' })
  alert?: AlertType;
}

@ObjectType('ResolveAlertPayload', { implements: Payload, description: 'What became of settling it.' })
class ResolveAlertPayload extends Payload {
  @Field(() => AlertType, { nullable: true, description: 'The alert, resolved; null when refused.' })
  alert?: AlertType;
}

const UNRESOLVED: readonly AlertState[] = ['OPEN', 'ACKNOWLEDGED'];

/** Alerts as they open, change and end. Takes the role OPERATOR. @throws FORBIDDEN, VALIDATION_ERROR */
function alertUpdates(context: Context, resume: ResumeArgs): AsyncIterable<AlertEvent> {
  requireRole(context.caller, 'OPERATOR');
  return recordedFeed<AlertDoc, AlertChange, AlertEvent>(
    context,
    {
      changes: {
        'alert.opened': 'OPENED',
        'alert.updated': 'UPDATED',
        'alert.acknowledged': 'ACKNOWLEDGED',
        'alert.resolved': 'RESOLVED',
      },
      snapshot: async () =>
        (await context.core.alerts.list({ states: UNRESOLVED }, { first: MAX_PAGE })).items,
      read: ({ data }) => Promise.resolve(data as AlertDoc | null),
      idOf: ({ _id }) => _id.toHexString(),
      tell: (header, change, docs) =>
        new AlertEvent(
          header,
          change,
          docs.map((doc) => new AlertType(doc)),
        ),
    },
    resume,
    readInterval(resume.minInterval, 0),
  );
}

/** CORE-42. Alerts are about the installation: everything here takes the role OPERATOR. */
@Resolver()
export class AlertResolver {
  @Query(() => AlertConnection.Type, { description: 'The alerts, newest first. Takes OPERATOR.' })
  async alerts(
    @Args(() => AlertsArgs) args: AlertsArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<AlertType>> {
    requireRole(caller, 'OPERATOR');
    const states = args.filter?.states;
    const severity = args.filter?.severity;
    const filter = { ...(states == null ? {} : { states }), ...(severity == null ? {} : { severity }) };
    const { items, hasMore } = await core.alerts.list(filter, readPage(args));
    return AlertConnection.of({ nodes: items.map((doc) => new AlertType(doc)), hasMore }, args);
  }

  @Takes('operate')
  @Mutation(() => AcknowledgeAlertPayload, {
    description: 'Takes an alert on: somebody is at it. Takes OPERATOR.',
  })
  acknowledgeAlert(
    @Arg('input', () => AcknowledgeAlertInput, { description: 'Which alert.' }) { id }: AcknowledgeAlertInput,
    @Ctx() { core, caller }: Context,
  ): Promise<AcknowledgeAlertPayload> {
    return asPayload(AcknowledgeAlertPayload, async () => {
      requireRole(caller, 'OPERATOR');
      const key = requireObjectId('Alert', id, 'ALERT_NOT_FOUND');
      return { alert: new AlertType(await core.alerts.acknowledge(caller, key)) };
    });
  }

  @Takes('operate')
  @Mutation(() => ResolveAlertPayload, {
    description:
      'Settles an alert. While its condition lasts all the same, it does not open again. Takes OPERATOR.',
  })
  resolveAlert(
    @Arg('input', () => ResolveAlertInput, { description: 'Which alert.' }) { id }: ResolveAlertInput,
    @Ctx() { core, caller }: Context,
  ): Promise<ResolveAlertPayload> {
    return asPayload(ResolveAlertPayload, async () => {
      requireRole(caller, 'OPERATOR');
      const key = requireObjectId('Alert', id, 'ALERT_NOT_FOUND');
      return { alert: new AlertType(await core.alerts.resolve(caller, key)) };
    });
  }

  @Subscription(() => AlertEvent, {
    name: 'alerts',
    description:
      'Alerts as they open, change and end: those not resolved first, then each change. Takes OPERATOR.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, ResumeArgs, Context>) =>
      alertUpdates(context, args),
  })
  alertChanged(@Root() event: AlertEvent, @Args(() => ResumeArgs) _resume: ResumeArgs): AlertEvent {
    return event;
  }
}
