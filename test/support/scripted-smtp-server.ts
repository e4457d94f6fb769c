import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What a scripted mail server does when it is spoken to. */
export type Act =
  /** Answers with this text (CR LF is added). */
  | string
  /** Drops the connection. */
  | { readonly drop: true }
  /** Never answers. */
  | { readonly silence: true }
  /** Sends one byte after the other and never comes to an end. */
  | { readonly drip: string }
  /** Answers when this is resolved. */
  | { readonly later: Promise<string> };

/** `GREETING`, `EHLO`, `HELO`, `STARTTLS`, `MAIL`, `RCPT`, `DATA`, `MIDDLE` (some of the message), `END` (its dot), `TLS` (what follows STARTTLS), `QUIT`, ...; a function sees the line and how often this step was reached. */
export type Script = { readonly [step: string]: Act | ((line: string, count: number) => Act) };

export const DROP = { drop: true } as const;
export const SILENCE = { silence: true } as const;

const GOOD: Script = {
  GREETING: '220 mail.example.com',
  EHLO: '250 mail.example.com',
  HELO: '250 mail.example.com',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  END: '250 queued as 4711',
  RSET: '250 ok',
  QUIT: '221 bye',
};

/** A mail server that plays a script. It knows no TLS. */
export interface ScriptedServer {
  readonly port: number;
  /** Every line that clients said outside of messages. */
  readonly lines: string[];
  /** The messages that came to their dot, answered well or not. */
  readonly messages: string[];
  /** Those that it answered with 250. */
  readonly accepted: string[];
  connections: number;
  /** The steps at which it fell silent, or has dripped some bytes. */
  readonly stuck: string[];
  script: Script;
  /** Connections that are open now. */
  open(): number;
  /** Reads no more from the connections that are open now. */
  pause(): void;
  close(): Promise<void>;
}

/** Starts a scripted server on loopback. What the script leaves out is done as a good server does it. */
export async function startScriptedServer(
  script: Script = {},
  port = 0,
  host = '127.0.0.1',
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  const listener: Server = createServer();
  const scripted: ScriptedServer = {
    port: 0,
    lines: [],
    messages: [],
    accepted: [],
    connections: 0,
    stuck: [],
    script,
    open: () => sockets.size,
    pause: () => {
      for (const socket of sockets) socket.pause();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      }),
  };
  listener.on('connection', (socket) => {
    scripted.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let buffer = '';
    let inMessage = false;
    let inTls = false;
    const act = (step: string, line: string): string | undefined => {
      const count = (counts.get(step) ?? 0) + 1;
      counts.set(step, count);
      const given = scripted.script[step] ?? GOOD[step] ?? '500 what?';
      const what = typeof given === 'function' ? given(line, count) : given;
      if (typeof what === 'string') {
        socket.write(`${what}\r\n`);
        return what;
      }
      if ('drop' in what) socket.destroy();
      if ('silence' in what || 'later' in what) scripted.stuck.push(step);
      if ('drip' in what) {
        let sent = 0;
        const timer = setInterval(() => {
          if (socket.destroyed) return clearInterval(timer);
          socket.write(what.drip[sent] ?? '.');
          sent += 1;
          if (sent === 5) scripted.stuck.push(step);
        }, 5);
      }
      if ('later' in what) {
        void what.later.then((text) => {
          socket.write(`${text}\r\n`);
          if (step === 'END' && text.startsWith('250'))
            scripted.accepted.push(scripted.messages.at(-1) ?? '');
        });
      }
      return undefined;
    };
    act('GREETING', '');
    socket.on('data', (data) => {
      if (inTls) {
        act('TLS', '');
        return;
      }
      buffer += data.toString('latin1');
      for (;;) {
        const mark = inMessage ? '\r\n.\r\n' : '\r\n';
        const end = buffer.indexOf(mark);
        if (inMessage && scripted.script['MIDDLE'] !== undefined && buffer !== '') {
          act('MIDDLE', '');
          return;
        }
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + mark.length);
        if (inMessage) {
          inMessage = false;
          scripted.messages.push(text);
          if (act('END', '')?.startsWith('250')) scripted.accepted.push(text);
        } else {
          scripted.lines.push(text);
          const verb = text.split(/[ :]/)[0]?.toUpperCase() ?? '';
          const answer = act(verb, text);
          if (answer?.startsWith('354')) inMessage = true;
          if (verb === 'STARTTLS' && answer?.startsWith('220')) inTls = true;
          if (verb === 'QUIT' && answer !== undefined) socket.end();
        }
      }
    });
  });
  await new Promise<void>((resolve) => listener.listen(port, host, resolve));
  return Object.assign(scripted, { port: (listener.address() as AddressInfo).port });
}

/** A port on loopback where nobody listens. */
export async function freePort(): Promise<number> {
  const scripted = await startScriptedServer();
  await scripted.close();
  return scripted.port;
}

/** A promise for a text, and the function that keeps it. */
export function withResolvers(): { promise: Promise<string>; resolve: (text: string) => void } {
  let resolve: (text: string) => void = () => undefined;
  const promise = new Promise<string>((keep) => {
    resolve = keep;
  });
  return { promise, resolve };
}
