/** What is read from a console screenshot. */

/** One row of text as it stands on the screen. */
export interface ScreenLine {
  text: string;
  /** Tesseract's own confidence, 0 to 100. */
  confidence: number;
}

export interface ScreenRead {
  /** Top to bottom; what has no letter or digit, or is not believed by Tesseract itself, is left out. */
  lines: ScreenLine[];
  /** Of the picture, pixels. */
  width: number;
  height: number;
  /** Nothing is drawn on it: all black, or one other colour. Null = something is drawn. */
  blank: 'black' | 'blank' | null;
  /** Tesseract model that read the lines (`eng` reads all Latin letters); null = nothing to read. */
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
