import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import type { HostReport } from '../model/test-result.ts';
import type { FirstKeys, State } from '../state/store.ts';
import type { System } from '../system/system.ts';
import { type HostEvent, isUntested, judgeHost, withoutUnused } from './host-policy.ts';
import { type HostFacts, hostMessage, type Message, type Sender } from './message.ts';
import type { Posting } from './posting.ts';
import { gets } from './routing.ts';

/** The incident of this host: what keeps the monitor from testing. It is in the state, and stored with its next save. */
export class HostIncident {
  readonly #state: State;
  readonly #system: System;
  readonly #posting: Posting;

  constructor(state: State, system: System, posting: Posting) {
    this.#state = state;
    this.#system = system;
    this.#posting = posting;
  }

  /** Adds a report to the incident, and puts the message that is due into the outbox. Returns whether there is anything to store. */
  judge(report: HostReport, config: Config, sender: Sender): boolean {
    const before = this.#state.host;
    const used = [
      ...enabledClients(config).map(({ name }) => `client ${name}` as const),
      ...namesOf(config).map((name) => `ping ${name}` as const),
    ];
    const known = withoutUnused(report, before, used);
    const { state: next, events } = judgeHost(before, known, this.#system.now());
    this.#state.host = next;
    for (const event of events) {
      const message = hostMessage(event, sender, this.factsOf(event, config));
      this.#posting.note(message.subject);
      const first = this.#tell(event, message);
      if (this.#state.host !== null && event.kind === 'host-fault')
        this.#state.host = { ...this.#state.host, first };
    }
    return this.#state.host !== before;
  }

  /** What a message says of the host beside its faults. */
  factsOf({ faults }: HostEvent, config: Config): HostFacts {
    const enabled = config.sites.filter(({ enabled }) => enabled);
    const untested = enabled.filter(({ name, client }) => isUntested(faults, name, client.name));
    return {
      sites: enabled.map(({ name }) => name),
      untested: untested.map(({ name }) => name),
      free: freeBytes(config.logging.dir, this.#system),
    };
  }

  /** Puts a message about this host into the outbox. Returns, by channel, the key of the first one about these faults. */
  #tell({ kind, at, since, first }: HostEvent, { subject, text }: Message): FirstKeys {
    const created = at.toISOString();
    const told = { kind, site: null, summary: subject, at: created, since: since.toISOString(), cause: null };
    const keys = [...this.#posting.channels].flatMap(([name, channel]): [string, string][] => {
      if (!gets(this.#posting.subscriptionOf(name), kind, null)) return [];
      const replyTo = first[name] ?? null;
      const message = { about: null, also: [], subject, text, created, replyTo, events: [told] };
      return [[name, this.#posting.post(name, channel, message)]];
    });
    return { ...Object.fromEntries(keys), ...first };
  }
}

/** The names of the sites that are tested. */
export function namesOf({ sites }: Pick<Config, 'sites'>): readonly string[] {
  return sites.filter(({ enabled }) => enabled).map(({ name }) => name);
}

/** The free space of a folder for an ordinary user, in bytes; `null`: it can't be read. */
function freeBytes(folder: string, { files }: System): number | null {
  try {
    const { bavail, bsize } = files.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
