/** A blob of ours that somebody has cut, overwritten, or written in another version. */
export class DamagedRecord extends Error {
  /** `records/r-…/record.json`. */
  readonly blob: string;
  /** What is wrong in it, each with its place. */
  readonly faults: string[];
  constructor(blob: string, faults: string[]) {
    super(`${blob} cannot be read: ${faults.join('; ')}`);
    this.name = 'DamagedRecord';
    this.blob = blob;
    this.faults = faults;
  }
}
