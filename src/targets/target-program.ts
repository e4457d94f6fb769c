// A program of its own, so that it runs where a test runs: asks the target in its environment and prints the answer as
// JSON. Its start is not part of the time.
import { readFileSync } from 'node:fs';
import { ask } from './ask.ts';
import { QUESTION } from './question.ts';

const answer = await ask(JSON.parse(process.env[QUESTION] ?? ''), (file) => readFileSync(file, 'utf8'));
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
