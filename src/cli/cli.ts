import { CommanderError } from 'commander';
import { EXIT, type Shell } from '../commands/shell.ts';
import { createCommandLine } from './command-tree.ts';

/**
 * Runs the command that argv (without node and the script) names, and returns its exit status. Prints expected errors;
 * throws only for a bug.
 */
export async function main(argv: readonly string[], shell: Shell): Promise<number> {
  let status: number = EXIT.good;
  const program = createCommandLine(shell, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.usage;
    throw error;
  }
}
