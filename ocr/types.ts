/** What is read from a console screenshot. */

/** A rectangle of the picture, pixels from its upper left corner. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One row of text as it stands on the screen. */
export interface ScreenLine {
  text: string;
  /** Tesseract's own confidence, 0 to 100. */
  confidence: number;
  /** Where it stands. */
  box: Region;
}

export interface ScreenRead {
  /** Top to bottom; what has no letter or digit, or is not believed by Tesseract itself and has no code or name, is left out. */
  lines: ScreenLine[];
  /** Of the picture, pixels. */
  width: number;
  height: number;
  /** Nothing is drawn on it: all black, or one other colour. Null = something is drawn. */
  blank: 'black' | 'blank' | null;
  /** Tesseract models that read the lines (`eng` reads all Latin letters, `eng+chi_sim`); null = nothing to read. */
  language: string | null;
}

export type OcrErrorCode = 'not-a-picture' | 'too-large' | 'timeout' | 'engine';

/** A picture that cannot be read. `code` says why; the message is for a person. */
export class OcrError extends Error {
  readonly code: OcrErrorCode;

  constructor(code: OcrErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OcrError';
    this.code = code;
  }
}
