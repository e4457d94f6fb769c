import { spawnSync } from 'node:child_process';

/** A fault that the user can mend; the message holds cause and remedy. */
export class SetupError extends Error {}

/** To stderr: stdout belongs to the command that was typed. */
export function say(text) {
  for (const line of text.trimEnd().split('\n')) process.stderr.write(`set-up: ${line}\n`);
}

/** Runs a program to its end, quietly. `output` is all it wrote, stdout and stderr. */
export function run(command, args, env = process.env) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const end = error ? error.message : signal ? `killed by ${signal}` : `exit status ${status}`;
  return { good: status === 0, end, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** The end of a failed program's output, indented: what comes before is progress. */
export function tail(output, lines = 15) {
  return indent(output.trimEnd().split('\n').slice(-lines));
}

export function indent(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}
