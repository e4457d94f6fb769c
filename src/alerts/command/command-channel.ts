import { randomUUID } from 'node:crypto';
import type { ChannelConfig } from '../../config/config.ts';
import { reason } from '../../files/reason.ts';
import type { Redact } from '../../log/log.ts';
import { good, type Result } from '../../model/result.ts';
import type { OutboxEntry, Prepared } from '../../state/store.ts';
import type { System } from '../../system/system.ts';
import { oneLine } from '../../words/printable.ts';
import type { Channel, ChannelFailure, ChannelSession, SendOutcome } from '../channel.ts';
import { documentOf, type Origin } from '../document.ts';

/** What every try of a message gives the program. */
export interface CommandContent extends Prepared {
  /** The JSON document. */
  readonly input: string;
}

/** The environment of a command. */
export interface CommandParts {
  readonly system: System;
  readonly redact: Redact;
  readonly origin: Origin;
}

type CommandConfig = Extract<ChannelConfig['way'], { readonly kind: 'command' }>['command'];

/** A program of the user's that reads each message, as a channel. */
export class CommandChannel implements Channel<CommandContent> {
  readonly #name: string;
  readonly #config: CommandConfig;
  readonly #parts: CommandParts;

  constructor(name: string, config: CommandConfig, parts: CommandParts) {
    this.#name = name;
    this.#config = config;
    this.#parts = parts;
  }

  newKey(): string {
    return `msg_${randomUUID()}`;
  }

  async prepare(entry: OutboxEntry): Promise<Result<CommandContent>> {
    if (isCommandContent(entry.content)) return good(entry.content);
    return good({ recipients: [this.#name], input: documentOf(entry, this.#parts.origin) });
  }

  /** Each message starts the program once, so there is nothing to open. */
  async open(signal: AbortSignal): Promise<Result<ChannelSession<CommandContent>, ChannelFailure>> {
    const session = {
      warnings: [],
      usable: true,
      send: async ({ input }: CommandContent) => {
        // The program may open a connection: see Delivery, which decides when one may begin.
        session.usable = false;
        return this.#run(input, signal);
      },
      close: async () => undefined,
    };
    return good(session);
  }

  async #run(input: string, signal: AbortSignal): Promise<SendOutcome> {
    const { system, redact } = this.#parts;
    const { run, timeout } = this.#config;
    const [program, ...args] = run;
    const failed = (words: string): SendOutcome => ({
      kind: 'disconnected',
      failure: { words, setting: `channels.${this.#name}.command`, permanent: false },
      // Whatever it has done, it knows the message by its key.
      sent: 'part',
    });
    try {
      const options = { env: system.env, timeoutMs: timeout * 1000, signal, input };
      const { code, output } = await system.run(program, args, options);
      const last = oneLine(redact(output).trim().split('\n').at(-1) ?? '');
      const said = last === '' ? '' : `: ${last}`;
      if (code === null)
        return failed(`${program} was killed, by its limit of ${timeout} s or by a signal${said}`);
      if (code !== 0) return failed(`${program} ended with exit status ${code}${said}`);
      return { kind: 'delivered', reply: `exit status 0${said}`, refused: [] };
    } catch (error) {
      return failed(`${program} could not be started: ${reason(error)}`);
    }
  }
}

/** Whether content that was stored is that of a command. The state file only knows that it has recipients. */
function isCommandContent(content: OutboxEntry['content']): content is CommandContent {
  return typeof content?.['input'] === 'string';
}
