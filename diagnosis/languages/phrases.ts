/** What one language says on a console screen. Lower case, letters and digits only; read with tolerance for misread letters. */
export interface Phrases {
  /** BCP 47. */
  language: string;
  /** A stop screen says one of these. */
  stop: string[];
  /** Stands before the stop code or name. */
  stopCode: string[];
  /** Stands before the file or driver that a stop screen blames. */
  whatFailed: string[];
  bootManager: string[];
  /** Stands before the boot manager's status. */
  bootStatus: string[];
  updating: string[];
  undoing: string[];
  checkingDisk: string[];
  signIn: string[];
  loading: string[];
  /** Screens that wait for a person, by the record they belong to. */
  bitLocker: string[];
  recovery: string[];
  bootMenu: string[];
  setupFailed: string[];
}
