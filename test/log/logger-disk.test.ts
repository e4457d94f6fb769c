import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountSmallDisk, type SmallDisk, smallDiskUnavailable } from '../support/small-disk.ts';
import { messagesOf, openLog } from './open-log.ts';

let disk: SmallDisk | undefined;
beforeEach(({ skip }) => {
  skip(smallDiskUnavailable !== undefined, smallDiskUnavailable);
  disk = mountSmallDisk();
});
afterEach(() => disk?.unmount());

test('a full disk cuts and drops no line: the missing lines are on stderr', async () => {
  if (disk === undefined) return;
  const { log, clock, stderr } = openLog(disk.dir);
  const say = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      clock.ms += 100;
      log.debug(`line ${n}`);
      await new Promise(setImmediate);
    }
  };
  await say(0, 10);
  disk.fill();
  await say(10, 400);
  expect(log.fault()).toMatch(/no space left on device \(ENOSPC\)$/);
  disk.free();
  await say(400, 500);
  expect(log.fault()).toBeNull();
  await log.close();

  const inLog = messagesOf(fs.readFileSync(path.join(disk.dir, 'monitoring.log'), 'utf8'));
  const onStderr = messagesOf(stderr());
  const number = (message: string) => Number(/^DEBUG - line (\d+)$/.exec(message)?.[1] ?? Number.NaN);
  const lines = (messages: string[]) => messages.map(number).filter((n) => !Number.isNaN(n));
  expect(onStderr.filter((message) => message.includes("can't be written"))).toHaveLength(1);
  expect(inLog.filter((message) => message.includes('can be written again'))).toHaveLength(1);
  expect(lines(inLog)).toEqual(lines(inLog).sort((a, b) => a - b));
  expect([...lines(inLog), ...lines(onStderr)].sort((a, b) => a - b)).toEqual([...Array(500).keys()]);
  expect(lines(inLog).at(-1)).toBe(499);
});
