/** The machines that Azure hosts: what their disks decide. */
import { boot } from './boot.ts';
import type { Guests } from './contract.ts';
import { imageContents } from './images.ts';
import { parseContents } from './parse.ts';

export const guests: Pick<Guests, 'boot' | 'imageContents' | 'parseContents'> = { boot, imageContents, parseContents };
