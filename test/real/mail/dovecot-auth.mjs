// Dovecot's authentication protocol, as Postfix speaks it to a SASL server: dovecot-auth.mjs PORT. It lets `monitor` in with the password
// `right` (https://doc.dovecot.org/2.3/developer_manual/design/auth_protocol/).
import { createServer } from 'node:net';

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.write(`VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t${'0'.repeat(32)}\nDONE\n`);
  let buffer = '';
  socket.on('data', (data) => {
    const lines = (buffer + data).split('\n');
    buffer = lines.pop();
    for (const line of lines) {
      const [command, id] = line.split('\t');
      if (command !== 'AUTH') continue;
      const response = /\tresp=(.*)$/.exec(line)?.[1] ?? '';
      const [, user, password] = Buffer.from(response, 'base64').toString().split('\0');
      const good = user === 'monitor' && password === 'right';
      socket.write(`${good ? 'OK' : 'FAIL'}\t${id}\tuser=${user}\n`);
    }
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
