import path from 'node:path';
import type { CertificateLooks } from '../certificates/certificate-looks.ts';
import type { Codes } from '../codes/codes.ts';
import type { Config } from '../config/config.ts';
import { openHostKeeper } from '../host/keeper.ts';
import type { Redact } from '../log/log.ts';
import { createRedactor } from '../log/redact.ts';
import type { Measure } from '../model/metrics-event.ts';
import type { Secret } from '../model/secret.ts';
import { EventFiles } from '../results/event-files.ts';
import { openHostNotes } from '../state/host-note.ts';
import { STATE_FOLDER } from '../state/store.ts';
import type { System } from '../system/system.ts';
import type { TestContext } from './test-in-slot.ts';
import { UplinkWatch } from './uplink-watch.ts';

/** What earlier tests have left in the state. */
export interface TestMemory {
  /** See {@link TestContext.rejectedAt}. */
  rejectedAt(site: string): Date | null;
}

/** The parts of a {@link TestContext} that do not depend on the config. */
export interface TestContextOptions
  extends Pick<
    TestContext,
    'system' | 'log' | 'resultLog' | 'progress' | 'force' | 'rows' | 'observe' | 'cells'
  > {
  /** Redacted from all output. */
  readonly secrets: readonly Secret[];
  readonly memory: TestMemory;
  readonly measure: Measure;
  readonly codes: Codes;
  readonly certificates: CertificateLooks;
}

/** Creates the context for tests with this config. */
export function createTestContext(config: Config, options: TestContextOptions): TestContext {
  const { secrets, memory, measure, codes, certificates, ...given } = options;
  const { system, log } = given;
  const redactSecrets = createRedactor(secrets);
  const redact: Redact = (text) => codes.redact(redactSecrets(text));
  return {
    ...given,
    codes,
    place: system,
    outside: system,
    config,
    redact,
    uplink: new UplinkWatch({ system, place: system, config, redact, log, force: given.force }),
    mark: `VPN_MONITOR_CLIENT=${realPath(config.logging.dir, system)}`,
    rejectedAt: memory.rejectedAt,
    lookAtCertificates: (site, signal) => certificates.look(site, log, signal),
    events: new EventFiles({ dir: config.logging.dir, files: system.files, log }),
    host: openHostKeeper({
      place: system,
      log,
      redact,
      dns: config.dns,
      notes: openHostNotes(path.join(config.logging.dir, STATE_FOLDER), system.files, log),
      measure,
    }),
  };
}

/** The real path of a results folder, so that its clients and cells have one mark whatever path the config uses. */
export function realPath(folder: string, { files }: System): string {
  try {
    return files.realpathSync(folder);
  } catch {
    return folder;
  }
}
