import { Argument, Command, Option } from 'commander';
import type { CommonOptions, Shell } from '../commands/shell.ts';
import { LEVELS, type Level } from '../log/log.ts';
import type { LocalDay } from '../model/local-day.ts';
import { nearest } from '../words/nearest.ts';
import { parseDay, parseLevel } from './option-values.ts';

/**
 * All commands, options and arguments. Nothing is run until it is parsed, and each command is imported only when it is
 * called. Wrong usage is said on the screen and thrown as a CommanderError.
 *
 * The words that stand for a value say what kind it is, to people and to the shell's completion: `<file>`, `<folder>`,
 * `[DIR]`, `[SITE...]`, `[command]`.
 *
 * @param end called with the exit status when a command has ended.
 */
export function createCommandLine(shell: Shell, end: (status: number) => void): Command {
  const program = new Command('vpn-monitor');
  const command = (name: string, description: string, example: string): Command =>
    withCommonOptions(program.command(name).description(description))
      .addHelpText('after', `\nExample:\n  ${example}`)
      .allowExcessArguments(false);

  withCommonOptions(program)
    .description('Tests SSL VPN gateways the way a person uses them: ping, log in, ping inside.')
    .version(shell.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText(
      'after',
      '\nWithout a command: run.\n\nExamples:\n  vpn-monitor demo\n  vpn-monitor check -c /etc/vpn-monitor/config.yml\n  vpn-monitor once site1',
    )
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => shell.screen.print(text.replace(/\n$/, '')),
      writeErr: (text) => shell.screen.diagnose(text.replace(/\n$/, '')),
    })
    .exitOverride()
    // Both are judged here: commander would look at the options first, and call those of a mistyped command unknown.
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async (options: RawOptions) => {
      const unknown = program.args[0];
      if (unknown !== undefined) refuse(unknown, program);
      end(await (await import('../commands/run.ts')).run(common(options), shell));
    });

  command(
    'run',
    'test all sites in turn at every interval until it is stopped',
    'vpn-monitor run -c /etc/vpn-monitor/config.yml',
  ).action(async (_options, self: Command) => {
    end(await (await import('../commands/run.ts')).run(common(self.optsWithGlobals()), shell));
  });

  command(
    'once',
    'test every site (or those named, also disabled ones) once: no mail, no streak, but rows',
    'vpn-monitor once site1 site2 --json',
  )
    .argument('[SITE...]', 'names of sites')
    .option('--json', 'print the results as JSON and nothing else on stdout')
    .option('--transcript <file>', "write the dialogue of one site's client to a new file, without secrets")
    .action(async (sites: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { json?: true; transcript?: string }>();
      const { once } = await import('../commands/once.ts');
      const { json, transcript } = options;
      end(await once({ ...common(options), sites, json: json === true, transcript }, shell));
    });

  command(
    'status',
    'say how every site is now and was of late, from what the monitor has written: nothing is tested',
    'vpn-monitor status --json',
  )
    .option('--json', 'print it as JSON and nothing else on stdout')
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { json?: true }>();
      const { status } = await import('../commands/status.ts');
      end(await status({ ...common(options), json: options.json === true }, shell));
    });

  command(
    'report',
    'write availability, times and outages of some days as one HTML file',
    'vpn-monitor report --from 2026-10-01 --to 2026-10-31 --output october.html',
  )
    .option('--from <day>', 'the first day, as 2026-10-01 (default: 30 days in all)', parseDay)
    .option('--to <day>', 'the last day (default: today)', parseDay)
    .option('--output <file>', 'where to write it', 'report.html')
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { from?: LocalDay; to?: LocalDay; output: string }>();
      const { report } = await import('../commands/report.ts');
      const { from, to, output } = options;
      end(await report({ ...common(options), from, to, output }, shell));
    });

  command(
    'check',
    'say whether config and host are fit, each finding with its remedy',
    'vpn-monitor check',
  ).action(async (_options, self: Command) => {
    end(await (await import('../commands/check.ts')).check(common(self.optsWithGlobals()), shell));
  });

  command(
    'test-mail',
    "send one test notification and print the server's answer",
    'vpn-monitor test-mail',
  ).action(async (_options, self: Command) => {
    end(await (await import('../commands/test-mail.ts')).testMail(common(self.optsWithGlobals()), shell));
  });

  command(
    'systemd',
    'print a unit file that runs it as a service on this host',
    'vpn-monitor systemd -c /etc/vpn-monitor/config.yml | sudo tee /etc/systemd/system/vpn-monitor.service',
  )
    .option('--user <name>', 'run it as this ordinary user, with the rights that it needs')
    .action(async (_options, self: Command) => {
      const { user, ...options } = self.optsWithGlobals<RawOptions & { user?: string }>();
      end(await (await import('../commands/systemd.ts')).systemd({ ...common(options), user }, shell));
    });

  command(
    'demo',
    'the whole job with nothing to install or configure, in under a minute',
    'vpn-monitor demo --dir /tmp/demo',
  )
    .option(
      '--dir <folder>',
      'a new or empty folder for config, results and mails (default: a new one in the temporary folder)',
    )
    .action(async (_options, self: Command) => {
      const { dir, logLevel } = self.optsWithGlobals<RawOptions & { dir?: string }>();
      end(await (await import('../commands/demo.ts')).demo({ dir, logLevel }, shell));
    });

  program
    .command('init')
    .description('make a config.yml by asking for the first site and for the mail')
    .argument('[DIR]', 'its folder (default: the current one)')
    .option('-c, --config <file>', 'the file itself, in place of DIR (default: config.yml in it)')
    .option('--yes', 'write the example, to be edited, and ask nothing')
    .addHelpText('after', '\nExample:\n  vpn-monitor init /opt/vpn-monitor')
    .allowExcessArguments(false)
    .action(async (dir: string | undefined, _options, self: Command) => {
      const { config, yes } = self.optsWithGlobals<RawOptions & { yes?: true }>();
      end(await (await import('../commands/init.ts')).init({ dir, config, yes: yes === true }, shell));
    });

  program
    .command('completion')
    .description('print the completion of commands, options and sites for a shell')
    .addArgument(new Argument('<SHELL>', 'bash or zsh').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(vpn-monitor completion bash)\n  source <(vpn-monitor completion zsh)',
    )
    .allowExcessArguments(false)
    .action(async (name: 'bash' | 'zsh') => {
      end((await import('../commands/completion.ts')).completion(name, program, shell));
    });

  // For the scripts of completion.
  withCommonOptions(program.command('complete-sites', { hidden: true })).action(
    async (_options, self: Command) => {
      const { config } = common(self.optsWithGlobals());
      end((await import('../commands/completion.ts')).completeSites(config, shell));
    },
  );

  program
    .command('help')
    .description('show help for a command')
    .argument('[command]')
    .action((name: string | undefined) => {
      const about = name === undefined ? program : program.commands.find((known) => known.name() === name);
      if (about === undefined) refuse(name ?? '', program);
      about.outputHelp();
    });

  return program;
}

interface RawOptions {
  readonly config?: string;
  readonly logLevel?: Level;
}

/** The same two options before and after the command's name. */
function withCommonOptions(command: Command): Command {
  return command.option('-c, --config <file>', 'the config file (default: ./config.yml)').addOption(
    new Option('--log-level <level>', 'the least that is logged (default: logging.level of the config)')
      .choices(LEVELS)
      // In place of commander's own check of the choices.
      .argParser(parseLevel),
  );
}

function common({ config, logLevel }: RawOptions): CommonOptions {
  return { config: config ?? 'config.yml', logLevel };
}

/** Refuses a word that is neither a command nor an option before one. */
function refuse(word: string, program: Command): never {
  const help = program.createHelp();
  const [kind, known] = word.startsWith('-')
    ? ['option', help.visibleOptions(program).map((option) => option.long ?? '')]
    : ['command', help.visibleCommands(program).map((command) => command.name())];
  const guess = nearest(word, known);
  const remedy = `${guess === undefined ? '' : `, did you mean ${guess}?`} (vpn-monitor --help lists all)`;
  program.error(`error: unknown ${kind} '${word}'${remedy}`);
}
