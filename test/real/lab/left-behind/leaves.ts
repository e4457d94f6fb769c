import { test } from 'vitest';
import { createWorld } from '../../../support/world.ts';
import { createLab, type Gateway } from '../lab.ts';
import { logIn } from '../log-in.ts';

/** A lab with a client that is connected, and a world without a lab; nobody ends them. Says where they are. */
async function leave(): Promise<void> {
  const { folder } = createWorld();
  const lab = await createLab([{ kind: 'ocserv' }]);
  await logIn(lab.world, lab.gateways[0] as Gateway).inside();
  process.stdout.write(`left: ${JSON.stringify([folder, lab.world.folder])}\n`);
}

test('fails', async () => {
  await leave();
  throw new Error('as it should');
});

test('waits for ctrl-C', async () => {
  await leave();
  await new Promise(() => {});
});
