/** A headless Chromium for tests that look at a page. */
import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';

const executablePath = process.env.BOOTMEDIC_CHROMIUM ?? '/usr/bin/chromium';
const present = existsSync(executablePath);

if (!present) console.warn(`SKIPPED: no Chromium at ${executablePath}; install Debian's chromium or set BOOTMEDIC_CHROMIUM.`);

export const describeInBrowser = present ? describe : describe.skip;

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
