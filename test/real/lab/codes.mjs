// One-time codes as a gateway judges them: made by RFC 6238, and not as the monitor does. A code is good for one log-in.
import { createHmac } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

function code(secretHex, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', Buffer.from(secretHex, 'hex')).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Whether a code is good now, and uses it up. What was used is kept in a file of the gateway's folder. */
export function isGoodCode(folder, secretHex, given) {
  const now = Math.floor(Date.now() / 30_000);
  const file = `${folder}/used-codes`;
  const used = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const good =
    [now - 1, now, now + 1].some((step) => code(secretHex, step) === given) && !used.includes(given);
  if (good) appendFileSync(file, `${given}\n`);
  return good;
}
