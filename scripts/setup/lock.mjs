import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError, say } from './say.mjs';

const PATIENCE_MS = 15 * 60_000;

/**
 * Runs `work` while no other set-up works in this folder. The lock is an abstract socket, which the kernel frees with
 * its process: a killed set-up leaves nothing stale behind.
 */
export async function withLock(work) {
  const folder = createHash('sha256').update(realpathSync('.')).digest('hex').slice(0, 16);
  const deadline = Date.now() + PATIENCE_MS;
  let server = await listen(`\0vpn-monitor-setup-${folder}`);
  if (!server) say('another set-up works in this folder: waiting for it');
  while (!server) {
    if (Date.now() > deadline) {
      throw new SetupError(
        'the other set-up has not ended in 15 minutes: end it (`ps -ef | grep setup.mjs`), then try again',
      );
    }
    await sleep(200);
    server = await listen(`\0vpn-monitor-setup-${folder}`);
  }
  try {
    return work();
  } finally {
    server.close();
  }
}

function listen(path) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen({ path }, () => resolve(server));
  });
}
