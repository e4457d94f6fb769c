// A stand-in for a FortiGate: its web log-in as openconnect speaks it, and a tunnel (PPP) that answers pings. MODE: empty, `code` (asks
// for a one-time code), `html` (asks for it in an HTML form), `silent` (rejects by asking again, else by status 405).
import { answer, echoReply, gatewayFromArguments, serve } from './server.mjs';

const gateway = gatewayFromArguments();
const { inner, pool, mode } = gateway;
const CONFIG = `<?xml version="1.0" encoding="utf-8"?><sslvpn-tunnel ver="2"><ipv4><assigned-addr ipv4="${pool}.2"/>
<split-tunnel-info><addr ip="${inner}.0" mask="255.255.255.0"/></split-tunnel-info></ipv4></sslvpn-tunnel>`;
const ASKS =
  'ret=2,reqid=11111111,polid=1-1-22222222,grp=G,portal=P,magic=1-33333333,tokeninfo=,chal_msg=Please enter your token code';
const FORM = `<html><body><form action="/remote/logincheck" method="POST"><b>Please enter Token Code:</b>
<input type="hidden" name="magic" value="1-3"><input type="hidden" name="username" value="monitor">
<input type="hidden" name="reqid" value="1"><input type="hidden" name="grpid" value="0,1,1">
<input type="password" name="credential"><input type="submit"></form></body></html>`;
const DENIED = 'ret=0,redir=/remote/login?&err=sslvpn_login_permission_denied&lang=en';

serve(gateway, ({ method, path, form }, socket) => {
  if (path.includes('sslvpn-tunnel')) return tunnel(socket);
  const ok = (text, header = '') => answer(socket, '200 OK', text, header);
  if (path.includes('fortisslvpn_xml')) ok(CONFIG);
  else if (method !== 'POST') ok('<html>ok</html>');
  else {
    const isSecond = form.has('magic');
    const good = isSecond
      ? gateway.isCode(form.get('code') ?? form.get('credential') ?? '')
      : gateway.isAccount(form.get('username'), form.get('credential'));
    if (!good && mode.includes('silent')) ok(DENIED);
    else if (!good) answer(socket, '405 Method Not Allowed', '');
    else if (mode.includes('code') && !isSecond) ok(ASKS);
    else if (mode.includes('html') && !isSecond) answer(socket, '401 Unauthorized', FORM);
    else
      ok(
        'ret=1,redir=/remote/fortisslvpn_xml',
        'Set-Cookie: SVPNCOOKIE=abcdefgh; path=/; secure; httponly\r\n',
      );
  }
  return undefined;
});

const LCP = 0xc021;
const IPCP = 0x8021;
const IPV4 = 0x21;
const [REQUEST, ACK, NAK, REJECT] = [1, 2, 3, 4];

/** The other end of PPP: frames behind 6 bytes (both lengths and a mark between them). */
function tunnel(socket) {
  let unread = Buffer.alloc(0);
  let asked = false;
  const send = (frame) => {
    const head = Buffer.alloc(6);
    head.writeUInt16BE(frame.length + 6, 0);
    head.writeUInt16BE(0x5050, 2);
    head.writeUInt16BE(frame.length, 4);
    socket.write(Buffer.concat([head, frame]));
  };
  const control = (protocol, code, id, data) => {
    const head = Buffer.from([0xff, 0x03, protocol >> 8, protocol & 0xff, code, id, 0, data.length + 4]);
    send(Buffer.concat([head, data]));
  };
  const ipAddress = Buffer.from([...inner.split('.').map(Number), 1]);
  const answerIpcp = (id, data) => {
    const refused = [];
    const other = [];
    for (let at = 0; at + 1 < data.length; at += data[at + 1]) {
      const option = data.subarray(at, at + data[at + 1]);
      const wanted = Buffer.from([3, 6, ...pool.split('.').map(Number), 2]);
      if (option[0] !== 3) refused.push(option);
      else if (!option.equals(wanted)) other.push(wanted);
    }
    if (refused.length > 0) control(IPCP, REJECT, id, Buffer.concat(refused));
    else if (other.length > 0) control(IPCP, NAK, id, Buffer.concat(other));
    else control(IPCP, ACK, id, data);
  };
  const read = (frame) => {
    let rest = frame[0] === 0xff && frame[1] === 0x03 ? frame.subarray(2) : frame;
    const protocol = rest[0] & 1 ? rest[0] : rest.readUInt16BE(0);
    rest = rest.subarray(rest[0] & 1 ? 1 : 2);
    if (protocol === IPV4) {
      const reply = echoReply(rest);
      if (reply !== undefined) send(Buffer.concat([Buffer.from([0xff, 0x03, 0x00, IPV4]), reply]));
      return;
    }
    const [code, id] = rest;
    const data = rest.subarray(4, rest.readUInt16BE(2));
    if (protocol === LCP && code === REQUEST) control(LCP, ACK, id, data);
    else if (protocol === LCP && code === ACK && !asked) {
      asked = true;
      control(IPCP, REQUEST, 1, Buffer.concat([Buffer.from([3, 6]), ipAddress]));
    } else if (protocol === LCP && code === 9)
      control(LCP, 10, id, Buffer.concat([Buffer.from('abcd'), data.subarray(4)]));
    else if (protocol === LCP && code === 5) control(LCP, 6, id, Buffer.alloc(0));
    else if (protocol === IPCP && code === REQUEST) answerIpcp(id, data);
    else if (protocol !== LCP && protocol !== IPCP && code === REQUEST) {
      const rejected = Buffer.alloc(2);
      rejected.writeUInt16BE(protocol);
      control(LCP, 8, 7, Buffer.concat([rejected, rest]));
    }
  };
  control(LCP, REQUEST, 1, Buffer.from([5, 6, 0x61, 0x62, 0x63, 0x64]));
  return (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    while (unread.length >= 6) {
      const length = unread.readUInt16BE(4);
      if (unread.length < 6 + length) return;
      read(unread.subarray(6, 6 + length));
      unread = unread.subarray(6 + length);
    }
  };
}
