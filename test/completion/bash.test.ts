import { test } from 'vitest';
import { expectCompletions } from './shells.ts';

test('bash completes what the command line takes, and runs nothing of it', () => expectCompletions('bash'));
