import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { CommandResult, RunOptions } from './place.ts';
import { kill } from './processes.ts';

const RUN_OUTPUT_LIMIT = 64 * 1024;
/** How long to wait for a killed command, in ms. After that it counts as unkillable. */
const RUN_KILL_MS = 1000;
/** How long to read the output of a command after its end, in ms. */
const RUN_DRAIN_MS = 200;

/** See {@link Place.run}. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // It may end without reading.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    let output = '';
    const collect = (text: string) => {
      if (output.length < RUN_OUTPUT_LIMIT) output += text;
    };
    // Despite their types they are undefined if no more files can be opened.
    const pipes = [child.stdout, child.stderr].filter((pipe) => pipe instanceof Readable);
    for (const pipe of pipes) pipe.setEncoding('utf8').on('data', collect);
    const closePipes = () => {
      for (const pipe of pipes) pipe.destroy();
    };
    const end = () => {
      if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
      clearTimeout(timer);
      timer = setTimeout(() => {
        child.unref();
        closePipes();
        settle();
        resolve({ code: null, output: output.slice(0, RUN_OUTPUT_LIMIT) });
      }, RUN_KILL_MS);
    };
    let timer = setTimeout(end, options.timeoutMs);
    options.signal?.addEventListener('abort', end, { once: true });
    if (options.signal?.aborted) end();
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', end);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', () => {
      settle();
      // A daemon that the command started may keep its pipes open.
      timer = setTimeout(closePipes, RUN_DRAIN_MS);
    });
    child.once('close', (code) => {
      settle();
      resolve({ code, output: output.slice(0, RUN_OUTPUT_LIMIT) });
    });
  });
}
