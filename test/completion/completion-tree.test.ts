import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { completionTree } from '../../src/completion/completion-tree.ts';

const program = () => new Command('vpn-monitor').helpCommand(false).helpOption(false);

test('the values come from the choices or from the placeholder', () => {
  const tool = program().option('-o, --output <file>', 'where to').version('1', '-V, --version', 'version');
  tool
    .command('make')
    .helpOption(false)
    .description('makes')
    .argument('[DIR]', 'where')
    .argument('[SITE...]')
    .option('--in <folder>', 'from where')
    .option('--name <name>', 'of what')
    .option('--how [how]', 'how')
    .addOption(new Option('--level <level>', 'how much').choices(['low', 'high']))
    .addOption(new Option('--secret <x>').hideHelp());
  tool.command('help').helpOption(false).argument('<command>');
  tool.command('unseen', { hidden: true });
  const option = (flag: string, description: string, values: unknown) => ({
    flags: [flag],
    description,
    values,
  });
  expect(completionTree(tool)).toEqual([
    {
      name: '',
      description: '',
      options: [
        { flags: ['-o', '--output'], description: 'where to', values: 'files' },
        { flags: ['-V', '--version'], description: 'version', values: undefined },
      ],
      args: [{ name: 'command', values: ['make', 'help'], repeated: false }],
    },
    {
      name: 'make',
      description: 'makes',
      options: [
        option('--in', 'from where', 'folders'),
        option('--name', 'of what', 'any'),
        option('--how', 'how', 'any'),
        option('--level', 'how much', ['low', 'high']),
      ],
      args: [
        { name: 'DIR', values: 'folders', repeated: false },
        { name: 'SITE', values: 'sites', repeated: true },
      ],
    },
    {
      name: 'help',
      description: '',
      options: [],
      args: [{ name: 'command', values: ['make', 'help'], repeated: false }],
    },
  ]);
});

test('throws for a word with a special meaning to a shell', () => {
  const tool = program().addOption(new Option('--level <level>').choices(['$(low)']));
  expect(() => completionTree(tool)).toThrow("$(low) can't be used in a completion script");
});
