#!/usr/bin/env node
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { EXIT, type Shell } from './commands/shell.ts';
import { OUTPUT_GRACE_MS } from './model/limits.ts';
import { keepHeapSmall } from './process/heap.ts';
import { absoluteSearchPath } from './process/search-path.ts';
import { takeServiceEnvironment } from './service/environment.ts';
import { createScreen } from './ui/screen.ts';

/** On musl the glibc build of node-pty loads and can crash at the first spawn (measured): say so before it is loaded. */
function isGlibc(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime !== undefined;
}

/** A closed stdout or a dead terminal never ends the program: what can't be written is dropped. */
function tolerateClosedOutput(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

/**
 * Node makes output to a terminal blocking: one that stops reading (ctrl-S) would stop all timers and signals (measured with
 * Node 20). Without it what can't be written waits, as for a pipe.
 */
function neverWaitForTerminal(): void {
  for (const { isTTY, _handle: handle } of [process.stdout, process.stderr].map(withHandle)) {
    if (isTTY) handle?.setBlocking?.(false);
  }
}

/** A stream with what Node keeps it on, which has no public name. */
function withHandle(
  stream: NodeJS.WriteStream,
): NodeJS.WriteStream & { readonly _handle?: { setBlocking?(on: boolean): void } } {
  return stream;
}

/** A bug: the stack on stderr, and an end that says so. */
function failAsBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`vpn-monitor: a bug, please report it:\n${text}\n`);
  process.exitCode = EXIT.bug;
}

/**
 * The signals of the process from now on. One that comes before anybody listens is kept for the first part that does: a stop in
 * the middle of the start is an orderly one. `endOnSignal`: as of {@link Shell}.
 */
function listenFromNow(): Pick<Shell, 'signals' | 'endOnSignal'> {
  const signals = new EventEmitter();
  const letGo: (() => void)[] = [];
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    let early = false;
    const hear = () => {
      early = !signals.emit(name, name);
    };
    process.on(name, hear);
    letGo.push(() => {
      process.off(name, hear);
      if (early) process.kill(process.pid, name);
    });
    signals.on('newListener', (event) => {
      if (event !== name || !early) return;
      early = false;
      setImmediate(() => signals.emit(name, name));
    });
  }
  const endOnSignal = () => {
    for (const each of letGo) each();
  };
  return { signals, endOnSignal };
}

async function start(): Promise<void> {
  const listening = listenFromNow();
  keepHeapSmall();
  tolerateClosedOutput();
  neverWaitForTerminal();
  if (!isGlibc()) {
    process.stderr.write(
      'vpn-monitor needs a Linux with glibc (Debian, Ubuntu, RHEL, ...): this one has musl\n',
    );
    process.exitCode = EXIT.failed;
    return;
  }
  process.on('uncaughtException', (error) => {
    failAsBug(error);
    process.exit();
  });
  const [{ main }, { realSystem }] = await Promise.all([
    import('./cli/cli.ts'),
    import('./system/real-system.ts'),
  ]);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  // Also for ps-list, which starts ps with the environment of this process.
  const searchPath = absoluteSearchPath(process.env['PATH']);
  if (searchPath === undefined) delete process.env['PATH'];
  else process.env['PATH'] = searchPath;
  // Before the environment is read: no child may see it.
  const service = takeServiceEnvironment(process.env, process.pid);
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const shell: Shell = {
    system: realSystem(environment),
    screen: createScreen(process.stdout, process.stderr, process.env),
    keyboard: { input: process.stdin, output: process.stdout },
    ...listening,
    onTerminal: [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY),
    service,
    version,
  };
  try {
    process.exitCode = await main(process.argv.slice(2), shell);
  } catch (error) {
    failAsBug(error);
  }
  // A reader that hangs must not keep alive what has ended: what it has not taken by then is lost.
  const grace = new Promise((resolve) => setTimeout(resolve, OUTPUT_GRACE_MS));
  await Promise.race([grace, Promise.all([process.stdout, process.stderr].map(written))]);
  // Not by itself: Node then gives up the handlers first, and a second ^C would kill what has ended well.
  process.exit();
}

/** Resolves when all that was written to a stream has been taken, or never will be. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

await start();
