import 'reflect-metadata';
import { Field, Float, ObjectType } from 'type-graphql';
import type { DelayCause, Delays } from '../core/index.js';
import { DelayCauseEnum } from './enums.js';

@ObjectType('LostTime', { description: 'How much of the lateness came about by one cause.' })
export class LostTimeType {
  @Field(() => DelayCauseEnum, { description: 'What held deliveries up.' })
  readonly cause!: DelayCause;

  @Field(() => Float, { description: 'How long, in ms, added up over the deliveries that were sent.' })
  readonly ms!: number;
}

/** Delays for the API, the largest first. */
export function lostTimes(lost: Delays): LostTimeType[] {
  return (Object.entries(lost) as [DelayCause, number][])
    .map(([cause, ms]) => ({ cause, ms }))
    .sort((a, b) => b.ms - a.ms);
}
