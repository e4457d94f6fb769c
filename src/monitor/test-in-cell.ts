import path from 'node:path';
import { cellKeeper } from '../cell/cell-keeper.ts';
import type { Cell } from '../cell/cells.ts';
import type { SiteConfig } from '../config/config.ts';
import { DONE, type Result } from '../model/result.ts';
import type { SiteResult } from '../model/test-result.ts';
import { probeSite } from '../probe/site.ts';
import { untestedSite } from '../probe/untested.ts';
import { cellTestLimits } from './deadlines.ts';
import { type LoginGate, untilIdle } from './login-gate.ts';
import { keepResult, type TestContext } from './test-in-slot.ts';

/**
 * Tests a site in a cell of its own and writes its row. Needs no lock of the host: nothing of it is changed. Rejects with the reason of
 * `stop`, without a row.
 */
export async function testInCell(
  site: SiteConfig,
  context: TestContext,
  gate: LoginGate,
  stop: AbortSignal,
): Promise<SiteResult> {
  const result = await context.uplink.test(site, () => probeInCell(site, context, gate, stop), stop);
  return keepResult(result, context, stop);
}

async function probeInCell(
  site: SiteConfig,
  context: TestContext,
  gate: LoginGate,
  stop: AbortSignal,
): Promise<SiteResult> {
  const { system, cells, config, log } = context;
  const time = system.now();
  const opened = await cells.open(neededFiles(site, context), stop);
  if (!opened.ok) {
    log.critical(`${site.name} is not tested: ${opened.why}`);
    return untestedSite(site, time, 'cell', opened.why);
  }
  const cell = opened.value;
  const login = new GatedLogin(gate, cell, context);
  let result: SiteResult;
  let closed: Result = DONE;
  try {
    const inside: TestContext = {
      ...context,
      place: cell.place,
      outside: system,
      host: cellKeeper(cell.place),
      admitLogin: (signal) => login.begin(signal),
      progress: (event) => {
        if (event.kind === 'logging-out' || (event.kind === 'stage' && event.stage === 3)) login.end();
        context.progress(event);
      },
    };
    result = await probeSite(site, cellTestLimits(config, site.client, site.totp), inside, stop);
  } finally {
    login.end();
    closed = await cell.close();
    if (!closed.ok) log.critical(`The cell of ${site.name} is not removed: ${closed.why}`);
  }
  const host = closed.ok ? result.host : new Map([...result.host, ['cell', closed.why] as const]);
  return { ...result, host };
}

/** A log-in that passes the gate, and holds a place in it as long as it uses the processors. */
class GatedLogin {
  readonly #gate: LoginGate;
  readonly #cell: Cell;
  readonly #context: TestContext;
  readonly #over = new AbortController();

  constructor(gate: LoginGate, cell: Cell, context: TestContext) {
    this.#gate = gate;
    this.#cell = cell;
    this.#context = context;
  }

  async begin(signal: AbortSignal): Promise<void> {
    const { system } = this.#context;
    const leave = await this.#gate.enter(system, signal);
    // Not awaited: the log-in runs meanwhile.
    void untilIdle(system, () => this.#cell.busyMs(), this.#over.signal).then(leave);
  }

  /** Gives the place back. */
  end(): void {
    this.#over.abort();
  }
}

/** The files that the client of a site needs, also if they are below a folder that is empty in a cell. */
function neededFiles({ client, clientKeys }: SiteConfig, { system }: TestContext): readonly string[] {
  const command = system.findCommand(client.command);
  const named = [...clientKeys].filter(([key]) => client.keys[key]?.file).map(([, file]) => file);
  return [...(command === undefined ? [] : [command]), ...named].filter((file) => path.isAbsolute(file));
}
