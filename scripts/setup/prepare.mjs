import { build, buildIsStale } from './build.mjs';
import { withLock } from './lock.mjs';
import { installModules, modulesFault } from './modules.mjs';
import { installPackages, missingPackages } from './packages.mjs';
import { SetupError, say } from './say.mjs';

/** Brings the clone in the current folder up to date. A failure is said with its remedy and sets exit status 1. */
export async function prepare() {
  try {
    if (!isReady()) await withLock(makeReady);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

function isReady() {
  return missingPackages().length === 0 && modulesFault() === undefined && !buildIsStale();
}

// Everything is looked at once more: another set-up may have done it while this one waited for the lock.
function makeReady() {
  const packages = missingPackages();
  if (packages.length > 0) installPackages(packages);
  const fault = modulesFault();
  if (fault !== undefined) installModules(fault);
  if (buildIsStale()) build();
}
