import { test } from 'vitest';
import { expectCompletions } from '../../completion/shells.ts';
import { missingPrograms } from '../../support/missing-programs.ts';

test('zsh completes what the command line takes, and runs nothing of it', ({ skip }) => {
  const reason = missingPrograms(['zsh']);
  skip(reason !== undefined, reason);
  return expectCompletions('zsh');
});
