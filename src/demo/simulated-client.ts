#!/usr/bin/env node
// The VPN client of the demo: a separate program on its own terminal, with Connect Tunnel's dialogue. The gateway's name selects
// its behaviour. It opens no connection and changes nothing on the host, but for a file in the folder of the demo.
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const gateway = process.argv[process.argv.indexOf('-s') + 1] ?? '';
const realm = process.argv[process.argv.indexOf('-r') + 1] ?? '';
const lines: string[] = [];
let partial = '';
let awaited: ((line: string) => void) | undefined;

process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const parts = (partial + text).split(/\r?\n|\r/);
  partial = parts.pop() ?? '';
  lines.push(...parts);
  const waiting = awaited;
  if (waiting === undefined) return;
  const line = lines.shift();
  if (line === undefined) return;
  awaited = undefined;
  waiting(line);
});

function readLine(): Promise<string> {
  const line = lines.shift();
  return line === undefined ? new Promise((resolve) => (awaited = resolve)) : Promise.resolve(line);
}

async function ask(prompt: string, options: { readonly echo: boolean } = { echo: true }): Promise<string> {
  process.stdout.write(prompt);
  if (!options.echo && process.stdin.isTTY) process.stdin.setRawMode(true);
  const answer = await readLine();
  if (!options.echo && process.stdin.isTTY) {
    process.stdin.setRawMode(false);
    process.stdout.write('\n');
  }
  return answer;
}

/** As Connect Tunnel 12.42 prints it. */
const RULE = '-'.repeat(80);
const FORM = '1. OK\n2. Cancel\nEnter your choice [1]: ';

/** How many log-ins a gateway refuses before it recovers. */
const REFUSED = 2;

/** Counts this log-in, in the file that the realm names. */
function logIns(): number {
  appendFileSync(realm, '.');
  return readFileSync(realm).length;
}

async function main(): Promise<number> {
  console.log(`${RULE}\n\t\t\t\tConnect Tunnel (demo: no VPN)\n${RULE}\nConnecting...`);
  await ask('Username:');
  await ask('Password:', { echo: false });
  await ask(FORM);
  if (gateway.startsWith('rejects') || (gateway.startsWith('recovers') && logIns() <= REFUSED)) {
    console.log('The credentials provided were invalid.');
    await ask('Username:');
    return 0;
  }
  if (gateway.startsWith('hangs')) await readLine();
  await sleep(gateway.startsWith('slow') ? 1500 : 100);
  console.log('USE ? FOR HELP');
  while ((await ask('CONNECT CMD>')) !== 'quit');
  console.log('Disconnecting...');
  await sleep(200);
  console.log('Disconnected');
  return 0;
}

process.exitCode = await main();
process.stdin.pause();
