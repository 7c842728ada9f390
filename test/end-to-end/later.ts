/** Loaded before the host (`--import`): its clock shows so many days more than the watch. What the sweep does after a week is tried so. */
const days = Number(process.env.BOOTMEDIC_TEST_DAYS_LATER ?? 0);
const ahead = days * 86_400_000;
const RealDate = Date;

class LaterDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(RealDate.now() + ahead);
    else super(...given);
  }
  static override now = () => RealDate.now() + ahead;
}
if (ahead > 0) globalThis.Date = LaterDate as DateConstructor;
