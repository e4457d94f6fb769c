// The web server of the fault harness: receiver.mjs FOLDER. Does with its Nth request what the Nth entry of
// FOLDER/requests.json says, and notes in FOLDER/posts, one JSON a line, each request that it has got whole, and whether the
// monitor has read its answer. While there is a file FOLDER/hook-down nobody listens; once there is FOLDER/mail-good every
// request is served well.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [folder] = process.argv.slice(2);
const PORT = 8088;
const requests = JSON.parse(readFileSync(`${folder}/requests.json`, 'utf8'));
let count = 0;

const daemon = () => Number(readFileSync(`${folder}/daemon.pid`, 'utf8'));
const note = (entry) => appendFileSync(`${folder}/posts`, `${JSON.stringify(entry)}\n`);

const server = createServer(async (request, response) => {
  request.on('error', () => undefined);
  const planned = requests[count++] ?? 'good';
  const number = count;
  const behaviour = existsSync(`${folder}/mail-good`) ? 'good' : planned;
  let body = '';
  request.setEncoding('utf8').on('data', (text) => {
    body += text;
  });
  request.on('end', () => {
    note({ kind: 'taken', number, id: request.headers['webhook-id'], body, daemon: daemon(), behaviour });
    const good = () => {
      response.end('ok');
      // The monitor hangs up when it has read the status.
      response.on('close', () => {
        if (response.writableFinished) note({ kind: 'answered', number });
      });
    };
    if (behaviour === 'good') good();
    else if (behaviour === 'slow') setTimeout(good, 300);
    else if (behaviour === 'drops') request.socket.destroy();
    else if (behaviour !== 'silent') response.writeHead(Number(behaviour)).end();
  });
});
server.on('error', () => undefined);
writeFileSync(`${folder}/posts`, '');
setInterval(() => {
  const down = existsSync(`${folder}/hook-down`);
  if (down && server.listening) {
    server.close();
    server.closeAllConnections();
  } else if (!down && !server.listening) server.listen(PORT, '127.0.0.1');
}, 20);
server.listen(PORT, '127.0.0.1', () => console.log('listening'));
