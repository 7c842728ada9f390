/**
 * The embedded host as a process: `node host/main.ts --app . --data .bootmedic [--entry FILE] [--port N]`. One JSON line when ready.
 * Its token is BOOTMEDIC_HOST_TOKEN's; where that is not set a random one is made and told in that line.
 */
import { parseArgs } from 'node:util';
import { startHost } from './index.ts';
import { errorText } from './logger.ts';

try {
  const options = {
    app: { type: 'string' },
    data: { type: 'string' },
    entry: { type: 'string' },
    port: { type: 'string', default: '0' },
  } as const;
  const { values } = parseArgs({ options });
  const port = Number(values.port);
  if (values.app === undefined || values.data === undefined || !Number.isInteger(port)) {
    throw new Error('usage: main.ts --app FOLDER --data FOLDER [--entry FILE] [--port N]');
  }
  const given = process.env.BOOTMEDIC_HOST_TOKEN || undefined;
  // The app and what it starts need not know it.
  delete process.env.BOOTMEDIC_HOST_TOKEN;
  const host = await startHost({ appRoot: values.app, dataDir: values.data, entry: values.entry, port, token: given });
  const stop = () => host.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ url: host.url, ...(given === undefined && { token: host.token }) })}\n`);
} catch (error) {
  process.stderr.write(`${errorText(error)}\n`);
  process.exit(1);
}
