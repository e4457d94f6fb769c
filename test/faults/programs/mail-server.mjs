// The mail server of the fault harness: mail-server.mjs FOLDER. Does with its Nth connection what the Nth entry
// of FOLDER/connections.json says, and notes in FOLDER/mails, one JSON a line, each message that it has begun
// to see, taken and answered. While there is a file FOLDER/mail-down nobody listens; once there is
// FOLDER/mail-good every connection is served well. FOLDER/strike may say to kill the monitor
// (FOLDER/daemon.pid) at a step: `mail TEST END`.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const [folder] = process.argv.slice(2);
const PORT = 2525;
const connections = JSON.parse(readFileSync(`${folder}/connections.json`, 'utf8'));
let connected = 0;
let messages = 0;

const daemon = () => Number(readFileSync(`${folder}/daemon.pid`, 'utf8'));
const note = (entry) => appendFileSync(`${folder}/mails`, `${JSON.stringify(entry)}\n`);

function strike(step) {
  const [by, test, at] = readFileSync(`${folder}/strike`, 'utf8').trim().split(' ');
  if (by !== 'mail' || at !== step) return;
  writeFileSync(`${folder}/strike`, '');
  appendFileSync(`${folder}/notes`, `${test} - ${daemon()} mail ${Date.now() / 1000} struck ${step}\n`);
  try {
    process.kill(daemon(), 'SIGKILL');
  } catch {
    // It was dead already.
  }
}

const ANSWERS = {
  EHLO: '250 mail.example.com',
  HELO: '250 mail.example.com',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  END: '250 taken',
  RSET: '250 ok',
  QUIT: '221 bye',
};

/** What a behaviour answers at a step; `null`: it drops the connection, `undefined`: as a good server does. */
function special(behaviour, step, line) {
  switch (behaviour) {
    case 'drops-greeting':
      return step === 'GREETING' ? null : undefined;
    case 'drops-middle':
      return step === 'MIDDLE' ? null : undefined;
    case 'drops-accepted':
      return step === 'END' ? null : undefined;
    case 'answers-421':
      return step === 'MAIL' ? '421 going down' : undefined;
    case 'answers-451-mail':
      return step === 'MAIL' ? '451 not now' : undefined;
    case 'answers-452-data':
      return step === 'END' ? '452 no room' : undefined;
    case 'answers-554-data':
      return step === 'END' ? '554 looks like spam' : undefined;
    case 'answers-450-one':
      return step === 'RCPT' && line.includes('night@') ? '450 mailbox busy' : undefined;
    default:
      return undefined;
  }
}

function serve(socket) {
  const planned = connections[connected++] ?? 'good';
  const behaviour = existsSync(`${folder}/mail-good`) ? 'good' : planned;
  let buffer = '';
  let message;
  let to = [];
  /** The message whose answer the monitor has not gone on from yet. */
  let unread;
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);

  const answer = (step, line, good) => {
    strike(step);
    const text = special(behaviour, step, line);
    if (text === null) {
      socket.destroy();
      return undefined;
    }
    const words = text ?? good;
    if (words === undefined) return words;
    const send = () => socket.write(`${words}\r\n`);
    if (behaviour === 'slow') setTimeout(send, 30);
    else send();
    return words;
  };

  if (behaviour === 'silent') return;
  if (behaviour === 'drips') {
    const timer = setInterval(() => {
      if (socket.destroyed) clearInterval(timer);
      else socket.write('2');
    }, 5);
    return;
  }
  answer('GREETING', '', '220 mail.example.com');

  /** The message so far: it is known as soon as its Message-ID is. */
  const see = () => {
    const [, id] = /^Message-ID: (<[^>]+>)/im.exec(message.text) ?? [];
    if (id !== undefined && message.id === undefined) note({ kind: 'seen', number: message.number, id });
    message.id ??= id;
  };
  const take = (end) => {
    message.text = buffer.slice(0, end);
    see();
    buffer = buffer.slice(end + 5);
    const { number, id, text } = message;
    message = undefined;
    const refused = /^[45]/.test(special(behaviour, 'END', '') ?? '');
    if (!refused) note({ kind: 'taken', number, id, to, raw: text, daemon: daemon() });
    const taken = answer('END', '', ANSWERS.END);
    if (!refused) unread = number;
    return taken;
  };

  socket.on('data', (data) => {
    buffer += data;
    // An answer that was written may still have come too late: only who goes on has read it.
    if (unread !== undefined) note({ kind: 'answered', number: unread });
    unread = undefined;
    while (!socket.destroyed) {
      if (message !== undefined) {
        if (buffer === '') return;
        message.text = buffer;
        see();
        strike('MIDDLE');
        if (special(behaviour, 'MIDDLE', '') === null) return socket.destroy();
        const end = buffer.indexOf('\r\n.\r\n');
        if (end < 0) return;
        take(end);
        continue;
      }
      const end = buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      const step = line.split(/[ :]/)[0].toUpperCase();
      const said = answer(step, line, ANSWERS[step] ?? '500 what?');
      if (step === 'MAIL') to = [];
      if (step === 'RCPT' && said?.startsWith('250')) to.push(/<(.*)>/.exec(line)?.[1]);
      if (said?.startsWith('354')) message = { number: ++messages, text: '' };
      if (step === 'QUIT') socket.end();
    }
  });
}

const server = createServer(serve);
server.on('error', () => undefined);
writeFileSync(`${folder}/mails`, '');
// Nobody listens is more than hanging up: the port is looked after for as long as the server runs.
setInterval(() => {
  const down = existsSync(`${folder}/mail-down`);
  if (down && server.listening) server.close();
  else if (!down && !server.listening) server.listen(PORT, '127.0.0.1');
}, 20);
server.listen(PORT, '127.0.0.1', () => console.log('listening'));
