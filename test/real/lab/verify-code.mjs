// Judges a log-in for an OpenVPN server that asks for a one-time code too (auth-user-pass-verify via-file).
// usage: verify-code.mjs FILE FOLDER SECRET_HEX static|dynamic
import { readFileSync, writeFileSync } from 'node:fs';
import { isGoodCode } from './codes.mjs';

const [, , file, folder, secret, kind] = process.argv;
const [username, typed] = readFileSync(file, 'utf8').split('\n');
const [, password] = readFileSync(`${folder}/account`, 'utf8').split('\n');
const decoded = (text) => Buffer.from(text, 'base64').toString();

function judge() {
  if (kind === 'static') {
    const [, first = '', second = ''] = /^SCRV1:([^:]*):(.*)$/.exec(typed) ?? [];
    return decoded(first) === password && isGoodCode(folder, secret, decoded(second));
  }
  const answer = /^CRV1::state::(.*)$/.exec(typed)?.[1];
  if (answer !== undefined) return isGoodCode(folder, secret, answer);
  if (typed === password) {
    const challenge = `CRV1:R:state:${Buffer.from(username).toString('base64')}:Enter the code of your token`;
    writeFileSync(process.env.auth_failed_reason_file, challenge);
  }
  return false;
}

process.exitCode = judge() ? 0 : 1;
