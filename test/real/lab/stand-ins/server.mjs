// HTTP over TLS as far as the web log-in of a gateway needs it, and then raw bytes: a tunnel.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { isGoodCode } from '../codes.mjs';

/** The gateway that a stand-in plays, from its command line: FOLDER ADDRESS INNER POOL SECRET_HEX [MODE]. */
export function gatewayFromArguments() {
  const [, , folder, address, inner, pool, secret, mode = ''] = process.argv;
  const [username, password] = readFileSync(`${folder}/account`, 'utf8').split('\n');
  const counted = (verdict) => {
    appendFileSync(`${folder}/attempts`, 'attempt\n');
    return verdict;
  };
  return {
    folder,
    address,
    inner,
    pool,
    mode,
    isAccount: (name, typed) => counted(name === username && typed === password),
    isCode: (typed) => counted(isGoodCode(folder, secret, typed)),
  };
}

/**
 * Serves at port 443. `handle` gets each request and answers it, or returns a function that gets all further bytes of the connection.
 */
export function serve({ folder, address }, handle) {
  const files = {
    cert: readFileSync(`${folder}/certificate.pem`),
    key: readFileSync(`${folder}/key.pem`),
  };
  createServer(files, (socket) => {
    let unread = Buffer.alloc(0);
    let tunnel;
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      if (tunnel !== undefined) return tunnel(data);
      unread = Buffer.concat([unread, data]);
      for (;;) {
        const end = unread.indexOf('\r\n\r\n');
        if (end === -1) return;
        const head = unread.subarray(0, end).toString();
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (unread.length < end + 4 + length) return;
        const form = new URLSearchParams(unread.subarray(end + 4, end + 4 + length).toString());
        unread = unread.subarray(end + 4 + length);
        const [, method = '', path = ''] = /^(\w+) (\S+)/.exec(head) ?? [];
        console.log(`${method} ${path}`);
        tunnel = handle({ method, path, form }, socket);
        if (tunnel !== undefined) return tunnel(unread);
      }
    });
  }).listen(443, address, () => console.log('ready'));
}

/** Answers a request. */
export function answer(socket, status, body, header = '') {
  const length = Buffer.byteLength(body);
  socket.write(`HTTP/1.1 ${status}\r\nContent-Length: ${length}\r\n${header}\r\n${body}`);
}

/** The reply to an IPv4 packet if that is an echo request. */
export function echoReply(packet) {
  if (packet[9] !== 1 || packet[20] !== 8) return undefined;
  const reply = Buffer.from(packet);
  packet.copy(reply, 12, 16, 20);
  packet.copy(reply, 16, 12, 16);
  reply[20] = 0;
  reply.writeUInt16BE(0, 22);
  let sum = 0;
  for (let at = 20; at < reply.length; at += 2) sum += (reply[at] << 8) + (reply[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  reply.writeUInt16BE(~sum & 0xffff, 22);
  return reply;
}
