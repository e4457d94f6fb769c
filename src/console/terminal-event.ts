import type { CommandResult, Exit } from '../system/place.ts';

/** What happens on a terminal, to or by its program. */
export type TerminalEvent =
  | { readonly kind: 'started'; readonly file: string; readonly args: readonly string[] }
  /** Raw bytes as they arrived, in any pieces. */
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  /** `template`: what the line was made of, with the names of keys in the place of their values. */
  | { readonly kind: 'typed'; readonly line: string; readonly template: string }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  /** A command was run beside the program: to see whether it is logged in, or to log out. */
  | {
      readonly kind: 'ran';
      readonly file: string;
      readonly args: readonly string[];
      readonly result: CommandResult;
    }
  | { readonly kind: 'ended'; readonly exit: Exit };

/**
 * Is called for each event of a terminal; `at` is its time on the monotonic clock in ms. It must only store: see
 * `Pty.onData`.
 */
export type ObserveTerminal = (event: TerminalEvent, at: number) => void;
