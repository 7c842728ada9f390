import { BUILDS } from './builds.ts';
import type { DiskContents } from './disk.ts';
import { WindowsSpec, windowsDisk } from './windows.ts';

const SKU = /^(?<year>\d{4})-datacenter(?:-server)?(?<core>-core)?(?<small>-smalldisk)?(?<second>-gensecond|-gs|-g2)?$/i;

/**
 * The disk of a VM newly made from a Windows Server marketplace image (SKU names: `az vm image list-skus`); undefined = no such image.
 * Every VM made of one image has the image's disk id: that is how a copy collides with its repair VM's own disk.
 */
export function imageContents(
  image: { publisher: string; offer: string; sku: string; version: string },
  diskId: string,
): { contents: DiskContents; sizeGb: number } | undefined {
  const isWindowsServer = image.publisher.toLowerCase() === 'microsoftwindowsserver' && image.offer.toLowerCase() === 'windowsserver';
  const groups = SKU.exec(image.sku)?.groups;
  const build = BUILDS.find(({ year }) => String(year) === groups?.year);
  if (!isWindowsServer || groups === undefined || build === undefined) return undefined;
  const smallDisk = groups.small !== undefined;
  const spec = WindowsSpec.parse({
    build: build.build,
    generation: groups.second === undefined ? 'V1' : 'V2',
    edition: groups.core === undefined ? 'datacenter' : 'datacenter-core',
    smallDisk,
    ems: true,
  });
  return { contents: windowsDisk(spec, diskId), sizeGb: smallDisk ? 30 : 127 };
}
