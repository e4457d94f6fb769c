// A program of its own, beside the monitor: serves the page. It reads what to serve and what the monitor does on stdin, one line
// of JSON each, and ends with it. On stdout it says `listening`, `alive` every few seconds, or why it can't listen.
import type { Socket } from 'node:net';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { keepHeapSmall } from '../process/heap.ts';
import { realSystem } from '../system/real-system.ts';
import { Gatekeeper } from './gatekeeper.ts';
import type { PageNews, PageSettings } from './page-news.ts';
import { ALIVE_MS } from './page-process.ts';
import { Pages } from './page-routes.ts';
import { adopt, createPageServer, listenAt } from './page-server.ts';

/** Behind the monitor and its tests, before a report (setpriority(2)). */
const PRIORITY = 5;

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}

async function serve(): Promise<void> {
  keepHeapSmall();
  os.setPriority(PRIORITY);
  // The monitor is gone: its end of stdin is closed too.
  process.stdout.on('error', () => process.exit(0));
  const environment = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const system = realSystem(Object.fromEntries(environment));
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return;
  const settings = JSON.parse(first.value) as PageSettings;
  const pages = new Pages(settings, system);
  const guard = {
    gatekeeper: new Gatekeeper(settings.password, system.monotonic),
    names: settings.hosts,
    hostname: system.hostname,
  };
  const server = createPageServer(guard, pages);
  if (settings.listen === null) {
    process.on('message', (head, socket) => adopt(server, socket as Socket | undefined, String(head)));
  } else {
    const listening = await listenAt(server, settings.listen);
    if (!listening.ok) return say(listening.why);
  }
  say('listening');
  setInterval(() => say('alive'), ALIVE_MS);
  for (;;) {
    const line = await lines.next();
    const news = line.done ? undefined : (JSON.parse(line.value) as PageNews);
    if (news === undefined || news.kind === 'end') return pages.close();
    pages.hear(news);
  }
}

await serve();
process.exit(0);
