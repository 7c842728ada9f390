/** Opens an address in the reader's browser, where somebody sits before this machine. */
import open from 'open';

/** A terminal that a person looks at, no build server, and on Linux a desktop. */
export function canOpen(live: boolean, env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): boolean {
  if (!live || (env.CI ?? '') !== '' || (env.SSH_CONNECTION ?? '') !== '') return false;
  return platform !== 'linux' || [env.DISPLAY, env.WAYLAND_DISPLAY, env.WSL_DISTRO_NAME].some(value => (value ?? '') !== '');
}

/** Answers whether a browser was asked; that none came is no failure: the address is printed too. */
export async function openPage(address: string, opener: typeof open = open): Promise<boolean> {
  try {
    const browser = await opener(address);
    browser.on('error', () => {});
    return true;
  } catch {
    return false;
  }
}
