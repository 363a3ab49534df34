// Preloaded into a process (`node --import`): its clock is CLOCK_SHIFT_MS ahead of the machine's. Only the clock that
// tells instants; the one that measures durations is right on every machine.
const shift = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const RealDate = Date;

globalThis.Date = class Date extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + shift);
    else super(...values);
  }

  static now() {
    return RealDate.now() + shift;
  }
};
