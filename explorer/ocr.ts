/** Stands in front of ocr/: tells the explorer that a picture is being read. */
import { readScreen as read } from '../ocr/index.ts';
import type { ScreenRead } from '../ocr/types.ts';

/** All else is as it is; what is exported here by name goes before it. */
export * from '../ocr/index.ts';

export const shared = { track: <T>(work: () => Promise<T>): Promise<T> => work() };

export function readScreen(image: Uint8Array): Promise<ScreenRead> {
  return shared.track(() => read(image));
}
