import type { Permission } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { createRedactor } from '../../src/log/redact.ts';
import { logIn } from '../../src/probe/login.ts';
import { inChunks, type Place } from '../support/chunks.ts';
import { fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { MARK, probeConfig } from '../support/probe.ts';
import { recordingLog } from '../support/recording-log.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

/** What Connect Tunnel prints, and what is typed then; without an answer it stays, or it ends with status 0. */
export interface Form {
  readonly prints: string;
  readonly answer?: string;
}

/** A log-in at a simulated Connect Tunnel. */
export interface ConnectTunnelRun {
  readonly forms: readonly Form[];
  readonly ends?: boolean;
  /** What it prints a second after all of them. */
  readonly later?: string;
  readonly serverCert?: string;
  readonly allow?: readonly Permission[];
  readonly places?: readonly Place[];
}

const RULE = '-'.repeat(80);
/** Its first lines (seen with 12.42). */
export const BANNER = `${RULE}\r\n\t\t\t\tConnect Tunnel\r\n${RULE}\r\nConnecting...\r\n`;
/** The buttons of a usual form. */
export const MENU = '1. OK\r\n2. Cancel\r\nEnter your choice [1]: ';
/** Forms of a usual log-in, before the success. */
export const CREDENTIALS: readonly Form[] = [
  { prints: `${BANNER}Username: `, answer: 'monitor' },
  { prints: 'monitor\r\nPassword: ', answer: PASSWORD },
  { prints: `\r\n${MENU}`, answer: '1' },
];
export const CONNECTED: Form = { prints: '1\r\nUSE ? FOR HELP\r\nCONNECT CMD> ' };
const QUIT: readonly ProgramStep[] = [
  { reads: 'quit' },
  { after: 2000, prints: '\r\nDisconnecting...\r\nDisconnected\r\n' },
  { after: 100, exits: { code: 0, signal: 0 } },
];

/** Plays the forms, logs out, and returns what came of it and what was typed. */
export async function playForms({
  forms,
  ends = false,
  later,
  serverCert,
  allow = [],
  places = [],
}: ConnectTunnelRun) {
  const steps = forms.flatMap(({ prints, answer }): ProgramStep[] => [
    ...inChunks(Buffer.from(prints), places).map(({ after, data }) => ({ after, prints: data })),
    ...(answer === undefined ? [] : [{ reads: answer }]),
  ]);
  if (later !== undefined) steps.push({ after: 1000, prints: later });
  steps.push(...(ends ? [{ after: 5, exits: { code: 0, signal: 0 } }] : QUIT));
  const machine = fakeMachine({ programs: { startct: () => steps } });
  const keys = new Map([
    ['realm', 'corp'],
    ...(serverCert === undefined ? [] : [['server_cert', serverCert] as const]),
  ]);
  const site = simulatedSite('gw.example.com', { client: startct, clientKeys: keys });
  const log = recordingLog();
  const session = await logIn(
    site,
    {
      place: machine.system,
      log,
      resultLog: log,
      redact: createRedactor([site.password]),
      config: { login: { ...probeConfig().login, allow: [...allow] } },
      force: never,
      mark: MARK,
    },
    never,
  );
  if (later !== undefined) await machine.system.sleep(2000);
  const endedEarly = await session.endedEarly(false, never);
  await session.close(never);
  const { result, warnings } = session;
  return {
    result,
    comesTo: result.outcome === 'ok' ? 'ok' : `${result.cause}: ${result.detail}`,
    warnings,
    endedEarly,
    typed: machine.typed.map((line) => line.slice(0, -1)),
    started: machine.started,
    log,
  };
}
