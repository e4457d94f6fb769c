// Judges a log-in for an OpenVPN server that asks for a one-time code too (auth-user-pass-verify via-file). A code is good
// for one log-in. It makes the codes itself, by RFC 6238, and not as the monitor does.
// usage: verify-code.mjs FILE FOLDER SECRET_HEX static|dynamic
import { createHmac } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const [, , file, folder, secret, kind] = process.argv;
const [username, typed] = readFileSync(file, 'utf8').split('\n');
const [, password] = readFileSync(`${folder}/account`, 'utf8').split('\n');
const decoded = (text) => Buffer.from(text, 'base64').toString();

function code(step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', Buffer.from(secret, 'hex')).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

function isGood(given) {
  const now = Math.floor(Date.now() / 30_000);
  const used = existsSync(`${folder}/used-codes`)
    ? readFileSync(`${folder}/used-codes`, 'utf8').split('\n')
    : [];
  const good = [now - 1, now, now + 1].map(code).includes(given) && !used.includes(given);
  if (good) appendFileSync(`${folder}/used-codes`, `${given}\n`);
  return good;
}

function judge() {
  if (kind === 'static') {
    const [, first = '', second = ''] = /^SCRV1:([^:]*):(.*)$/.exec(typed) ?? [];
    return decoded(first) === password && isGood(decoded(second));
  }
  const answer = /^CRV1::state::(.*)$/.exec(typed)?.[1];
  if (answer !== undefined) return isGood(answer);
  if (typed === password) {
    const challenge = `CRV1:R:state:${Buffer.from(username).toString('base64')}:Enter the code of your token`;
    writeFileSync(process.env.auth_failed_reason_file, challenge);
  }
  return false;
}

process.exitCode = judge() ? 0 : 1;
