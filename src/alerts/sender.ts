import type { Config } from '../config/config.ts';
import type { System } from '../system/system.ts';
import type { Sender } from './message.ts';

/** What the mails of this config on this host say about their sender. */
export function senderOf({ logging }: Config, { hostname }: System, version: string): Sender {
  return { hostname, version, dir: logging.dir, file: logging.file, log: logging.log };
}
