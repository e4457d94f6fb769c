import path from 'node:path';
import { type Answers, givenAt, NO_MAIL, sitesIn } from '../init/answers.ts';
import { shellWord } from '../words/shell-word.ts';
import { EXIT, type Shell } from './shell.ts';

/** The greatest exit status of a command that no signal interrupted. */
const MAX_STATUS = 128;

/**
 * Sends a test mail and tests the sites of a new config. Returns 130 or 143 if a signal interrupted that, otherwise 0.
 *
 * @param typed path of the config, as typed.
 */
export async function tryOut(typed: string, answers: Answers, shell: Shell): Promise<number> {
  const options = { config: typed, logLevel: undefined };
  const begin = (command: string) => shell.screen.print(`\n${commandLine(command, typed, shell)}`);
  if (hasMail(answers)) {
    begin('test-notify');
    const status = await (await import('./test-notify.ts')).testNotify(options, shell);
    if (status > MAX_STATUS) return status;
  }
  begin('once');
  const { once } = await import('./once.ts');
  const status = await once({ ...options, sites: [], json: false, transcript: undefined }, shell);
  return status > MAX_STATUS ? status : EXIT.good;
}

/**
 * Prints where the new config is and what to type next.
 *
 * @param typed path of the config, as typed.
 * @param yes whether it is the example, unchanged.
 */
export function printNextSteps(typed: string, yes: boolean, answers: Answers, shell: Shell): void {
  const names = sitesIn(answers).map(({ name = 'site1' }) => shellWord(name));
  const next = [
    ['check', 'checks the config and this host'],
    hasMail(answers) ? ['test-notify', 'sends one mail'] : ['run', 'tests until it is stopped'],
    names.length === 1 ? [`once ${names[0]}`, 'tests the site once'] : ['once', 'tests each site once'],
  ];
  const commands = next.map(
    ([command = '', what = '']) => [commandLine(command, typed, shell), what] as const,
  );
  const width = Math.max(...commands.map(([command]) => command.length));
  const lines = commands.map(([command, what]) => `  ${command.padEnd(width)}   # ${what}`);
  const hint = yes ? 'Edit it; comments explain every key.' : 'Comments in it explain all other settings.';
  shell.screen.print(
    `\nWrote ${path.resolve(typed)}, which only you may read. ${hint} Next:\n${lines.join('\n')}`,
  );
}

function hasMail(answers: Answers): boolean {
  return givenAt(answers, 'mail').server !== NO_MAIL;
}

/** Returns a command as it can be typed in the current folder. */
function commandLine(command: string, typed: string, { system }: Shell): string {
  // npx sets this variable. A program that it runs is not in PATH.
  const program = system.env['npm_command'] === 'exec' ? 'npx vpn-monitor' : 'vpn-monitor';
  const config = path.resolve(typed) === path.resolve('config.yml') ? '' : ` -c ${shellWord(typed)}`;
  return `${program} ${command}${config}`;
}
