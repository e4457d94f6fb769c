import type { Notice } from '../clients/profile.ts';
import { formLines } from '../console/search.ts';
import type { Redact } from '../log/log.ts';
import type { SessionWarning } from '../model/test-result.ts';
import { oneLine } from '../words/printable.ts';

const UNITS_MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000 };

/** The gateway's warnings in a client's output, one of each kind. */
export function noticesIn(form: string, notices: readonly Notice[], redact: Redact): SessionWarning[] {
  const found = new Map<Notice['kind'], SessionWarning>();
  for (const line of formLines(form)) {
    for (const { kind, expect } of notices) {
      const match = expect.exec(line);
      if (match !== null) found.set(kind, warningOf(kind, match.groups ?? {}, oneLine(redact(line))));
    }
  }
  return [...found.values()];
}

function warningOf(
  kind: Notice['kind'],
  groups: Readonly<Record<string, string | undefined>>,
  words: string,
): SessionWarning {
  switch (kind) {
    case 'password-expires': {
      const parts = Object.entries(UNITS_MS).map(([unit, ms]) => Number(groups[unit] ?? 0) * ms);
      return { kind, inMs: parts.reduce((sum, part) => sum + part, 0), words };
    }
    case 'grace-logins':
      return { kind, left: Number(groups['left'] ?? 0), words };
    case 'new-version':
      return { kind, words };
  }
}
