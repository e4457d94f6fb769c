import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { uniqueName } from '../host/programs.ts';
import { PATH } from './paths.ts';

/** The folder of the stand-in for Connect Tunnel. */
export const CONNECT_TUNNEL = fileURLToPath(new URL('../fixtures/connect-tunnel', import.meta.url));

/** The lines of one of the stand-in's text files that are not comments. */
export function linesOf(name: string): string[] {
  const text = readFileSync(path.join(CONNECT_TUNNEL, name), 'utf8');
  return text.split('\n').filter((line) => !line.startsWith('#'));
}

/** A text of texts.txt, as it is written there. */
export interface Text {
  readonly key: string;
  /** `seen`, `script`, `console` or `2018`. */
  readonly source: string;
  readonly text: string;
}

/** All texts that the stand-in can print. */
export function readTexts(): readonly Text[] {
  return linesOf('texts.txt')
    .filter((line) => line !== '')
    .map((line) => {
      const [, key = '', source = '', text = ''] = /^(\S+)\s+(\S+)\s+"(.*)"$/.exec(line) ?? [];
      return { key, source, text };
    });
}

/** A line that was typed at the stand-in, and the prompt at which it was. */
export interface Typed {
  readonly prompt: string;
  readonly typed: string;
}

/** The stand-in for Connect Tunnel, ready to be started. */
export interface StandIn {
  /** Its path, in the given folder. No other program of this machine has its name. */
  readonly command: string;
  /** Its environment: home and record are in the given folder; what looks for Connect Tunnel on this host does not find it. */
  readonly env: Readonly<Record<string, string>>;
  /** The arguments of each start. */
  arguments(): readonly (readonly string[])[];
  /** All that was typed at it. */
  typed(): readonly Typed[];
}

/** Prepares test/fixtures/connect-tunnel/startct. What it writes goes into `folder`. */
export function standIn(folder: string): StandIn {
  const name = uniqueName();
  const command = path.join(folder, name);
  symlinkSync(path.join(CONNECT_TUNNEL, 'startct'), command);
  const record = path.join(folder, `${name}.jsonl`);
  const lines = (): (Typed | { readonly arguments: readonly string[] })[] => {
    if (!existsSync(record)) return [];
    return readFileSync(record, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };
  return {
    command,
    env: {
      PATH,
      VPN_STANDIN_HOME: folder,
      VPN_STANDIN_RECORD: record,
      VPN_STANDIN_JAR: `/nowhere/${name}.jar`,
    },
    arguments: () => lines().flatMap((line) => ('arguments' in line ? [line.arguments] : [])),
    typed: () => lines().flatMap((line) => ('typed' in line ? [line] : [])),
  };
}
