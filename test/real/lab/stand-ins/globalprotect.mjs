// A stand-in for a GlobalProtect gateway (MODE gateway) or portal with a gateway (MODE portal): its web log-in as openconnect speaks it,
// and a tunnel that answers pings. With a further word `code` in MODE the gateway asks for a one-time code.
import { answer, echoReply, gatewayFromArguments, serve } from './server.mjs';

const gateway = gatewayFromArguments();
const { address, inner, pool, mode } = gateway;
const CHALLENGE =
  'var respStatus = "Challenge";\nvar respMsg = "Enter your one-time password";\nthisForm.inputStr.value = "abcd";\n';
const REJECTION =
  'var respStatus = "Error";\nvar respMsg = "Authentication failed: Invalid username or password";\nthisForm.inputStr.value = "";\n';
const PRELOGIN = `<prelogin-response><status>Success</status><ccusername></ccusername><autosubmit>false</autosubmit><msg></msg>
<newmsg></newmsg><authentication-message>Enter login credentials</authentication-message><username-label>Username</username-label>
<password-label>Password</password-label><panos-version>1</panos-version><region>EARTH</region></prelogin-response>`;
const NO_PORTAL =
  '<prelogin-response><status>Error</status><ccusername></ccusername><autosubmit></autosubmit><msg>GlobalProtect portal does not exist</msg><newmsg>GlobalProtect portal does not exist</newmsg></prelogin-response>';
const PORTAL_CONFIG = `<?xml version="1.0" encoding="UTF-8" ?><policy><version>6</version><gateways><external><list>
<entry name="${address}:443"><description>gw</description></entry></list></external></gateways></policy>`;
const LOGGED_IN = [
  ...[
    '(null)',
    'AUTHCOOKIE',
    'PersistentCookie',
    'Portal',
    'monitor',
    'TestAuth',
    'vsys1',
    'Domain',
    '(null)',
  ],
  ...['', '', '', 'tunnel', '-1', '4100', `${pool}.2`, '', ''],
]
  .map((text) => `<argument>${text}</argument>`)
  .join('');
const CONFIG = `<response><ip-address>${pool}.2</ip-address><netmask>255.255.255.255</netmask><gw-address>${address}</gw-address>
<mtu>1400</mtu><access-routes><member>${inner}.0/24</member></access-routes>
<ssl-tunnel-url>/ssl-tunnel-connect.sslvpn</ssl-tunnel-url></response>`;

serve(gateway, ({ path, form }, socket) => {
  if (path.startsWith('/ssl-tunnel-connect.sslvpn')) return tunnel(socket);
  const ok = (text) => answer(socket, '200 OK', text);
  const isPortal = path.startsWith('/global-protect/');
  if (isPortal && !mode.includes('portal')) ok(NO_PORTAL);
  else if (path.includes('prelogin')) ok(PRELOGIN);
  else if (path.startsWith('/global-protect/getconfig') || path.startsWith('/ssl-vpn/login')) {
    const challenged = (form.get('inputStr') ?? '') !== '';
    const typed = form.get('passwd') ?? '';
    const good = challenged ? gateway.isCode(typed) : gateway.isAccount(form.get('user'), typed);
    if (!good) answer(socket, '512 Custom error', REJECTION);
    else if (mode.includes('code') && !challenged && !isPortal) ok(CHALLENGE);
    else if (isPortal) ok(PORTAL_CONFIG);
    else
      ok(
        `<?xml version="1.0" encoding="utf-8"?> <jnlp> <application-desc>${LOGGED_IN}</application-desc></jnlp>`,
      );
  } else if (path.includes('getconfig')) ok(CONFIG);
  else if (path.includes('hip')) ok('<response><hip-report-needed>no</hip-report-needed></response>');
  else if (path.includes('logout')) ok('<response status="success"/>');
  else answer(socket, '404 Not Found', '');
  return undefined;
});

/** Packets, each behind 16 bytes: a mark, the protocol, the length, and 8 bytes that say nothing here. */
function tunnel(socket) {
  socket.write('START_TUNNEL');
  let unread = Buffer.alloc(0);
  return (data) => {
    unread = Buffer.concat([unread, data]);
    while (unread.length >= 16) {
      const length = unread.readUInt16BE(6);
      if (unread.length < 16 + length) return;
      const head = Buffer.from(unread.subarray(0, 16));
      const packet = unread.subarray(16, 16 + length);
      unread = unread.subarray(16 + length);
      const reply = length === 0 ? packet : echoReply(packet);
      if (reply !== undefined) socket.write(Buffer.concat([head, reply]));
    }
  };
}
