#!/usr/bin/env node
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { EXIT, type Shell } from './commands/shell.ts';
import { OUTPUT_GRACE_MS } from './model/limits.ts';
import { keepHeapSmall } from './process/heap.ts';
import { absoluteSearchPath } from './process/search-path.ts';
import { takeServiceEnvironment } from './service/environment.ts';
import { createScreen } from './ui/screen.ts';

/** Whether the C library is glibc. On musl node-pty loads, but can crash at the first spawn (measured). */
function isGlibc(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime !== undefined;
}

/** Keeps the program running when stdout or the terminal is closed (EPIPE, EIO). Output is then dropped. */
function tolerateClosedOutput(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

/**
 * Makes output to a terminal non-blocking, as for a pipe. Node 20 makes it blocking: a terminal that stops reading (ctrl-S) then
 * stops all timers and signals (measured).
 */
function makeTerminalsNonBlocking(): void {
  for (const { isTTY, _handle: handle } of [process.stdout, process.stderr].map(withHandle)) {
    if (isTTY) handle?.setBlocking?.(false);
  }
}

/** A stream with its handle, which is not part of Node's public API. */
function withHandle(
  stream: NodeJS.WriteStream,
): NodeJS.WriteStream & { readonly _handle?: { setBlocking?(on: boolean): void } } {
  return stream;
}

/** Prints the stack of a bug on stderr and sets the exit status. */
function failAsBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`vpn-monitor: a bug, please report it:\n${text}\n`);
  process.exitCode = EXIT.bug;
}

/**
 * Starts to receive signals. A signal that arrives before a command listens is kept for its first listener, so that a stop during the
 * start is an orderly one. `endOnSignal`: see {@link Shell}.
 */
function listenForSignals(): Pick<Shell, 'signals' | 'endOnSignal'> {
  const signals = new EventEmitter();
  const releases: (() => void)[] = [];
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    let early = false;
    const receive = () => {
      early = !signals.emit(name, name);
    };
    process.on(name, receive);
    releases.push(() => {
      process.off(name, receive);
      if (early) process.kill(process.pid, name);
    });
    signals.on('newListener', (event) => {
      if (event !== name || !early) return;
      early = false;
      setImmediate(() => signals.emit(name, name));
    });
  }
  const endOnSignal = () => {
    for (const release of releases) release();
  };
  return { signals, endOnSignal };
}

async function start(): Promise<void> {
  const signals = listenForSignals();
  keepHeapSmall();
  tolerateClosedOutput();
  makeTerminalsNonBlocking();
  if (!isGlibc()) {
    process.stderr.write(
      'vpn-monitor needs Linux with glibc (Debian, Ubuntu, RHEL, ...); this system uses musl\n',
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
  // In process.env too: ps-list starts ps with it.
  const searchPath = absoluteSearchPath(process.env['PATH']);
  if (searchPath === undefined) delete process.env['PATH'];
  else process.env['PATH'] = searchPath;
  // Before the environment is copied: no child may inherit these variables.
  const service = takeServiceEnvironment(process.env, process.pid);
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const shell: Shell = {
    system: realSystem(environment),
    screen: createScreen(process.stdout, process.stderr, process.env),
    keyboard: { input: process.stdin, output: process.stdout },
    ...signals,
    onTerminal: [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY),
    service,
    version,
  };
  try {
    process.exitCode = await main(process.argv.slice(2), shell);
  } catch (error) {
    failAsBug(error);
  }
  // A reader that hangs must not keep the process alive. Output that it has not read by then is dropped.
  const grace = new Promise((resolve) => setTimeout(resolve, OUTPUT_GRACE_MS));
  await Promise.race([grace, Promise.all([process.stdout, process.stderr].map(written))]);
  // A natural exit removes the signal handlers first; a second ^C would then change the exit status.
  process.exit();
}

/** Resolves when all output of a stream was written or failed. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

await start();
