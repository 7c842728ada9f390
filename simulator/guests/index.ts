/** The machines that Azure hosts: what their disks decide. */
import { boot, interrupt } from './boot.ts';
import type { Guests } from './contract.ts';
import { imageContents } from './images.ts';
import { parseContents } from './parse.ts';
import { renderScreen } from './screen.ts';
import { runScript } from './twins/index.ts';

export const guests: Guests = { boot, interrupt, renderScreen, runScript, imageContents, parseContents };
