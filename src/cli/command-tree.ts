import { Argument, Command, Option } from 'commander';
import { type CommonOptions, EXIT, type Shell } from '../commands/shell.ts';
import { LEVELS, type Level } from '../log/log.ts';
import type { LocalDay } from '../model/local-day.ts';
import { nearest } from '../words/nearest.ts';
import { parseDay, parseDuration, parseLevel, parseTarget, parseTitle } from './option-values.ts';

/**
 * All commands, options and arguments. A command's module is imported only when the command runs. Parsing prints wrong
 * usage on the screen and throws a CommanderError.
 *
 * The name of a value tells users and shell completion what kind it is: `<file>`, `<folder>`, `[DIR]`, `[SITE...]`,
 * `[command]`.
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
      `
Without a command: run.

Examples:
  vpn-monitor demo                    see it work, in a minute
  vpn-monitor init                    then: check, once, run
  vpn-monitor check -c /etc/vpn-monitor/config.yml
  vpn-monitor once site1
  vpn-monitor status --watch

Exit status:
  0    success; status, once: all sites are up
  1    once, status: a site is down; check: something is missing; otherwise: it failed
  2    wrong usage, or an invalid config
  3    can't start now, maybe later; status: no recent result
  70   a bug
  130, 143   ended by a signal`,
    )
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => shell.screen.print(text.replace(/\n$/, '')),
      writeErr: (text) => shell.screen.diagnose(text.replace(/\n$/, '')),
    })
    .exitOverride()
    // Commander would check the options first, and report those of a mistyped command as unknown.
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async (options: RawOptions) => {
      const unknown = program.args[0];
      if (unknown !== undefined) refuse(unknown, program);
      const { files } = shell.system;
      if (options.config === undefined && !files.existsSync('config.yml')) {
        shell.screen.diagnose(FIRST_STEPS);
        end(EXIT.usage);
        return;
      }
      end(await (await import('../commands/run.ts')).run(common(options), shell));
    });

  program
    .command('init')
    .description('Create config.yml. Asks for the sites and the mail settings, and tests them if you want.')
    .argument('[DIR]', 'folder for config.yml (default: the current folder)')
    .option('-c, --config <file>', 'config file to create, instead of DIR/config.yml')
    .option('--yes', 'ask nothing; write the example config for you to edit')
    .addHelpText('after', '\nExample:\n  vpn-monitor init /opt/vpn-monitor')
    .allowExcessArguments(false)
    .action(async (dir: string | undefined, _options, self: Command) => {
      const { config, yes } = self.optsWithGlobals<RawOptions & { yes?: true }>();
      end(await (await import('../commands/init.ts')).init({ dir, config, yes: yes === true }, shell));
    });

  command(
    'demo',
    'Run a one-minute demo with simulated sites. Needs no configuration.',
    'vpn-monitor demo --dir /tmp/demo',
  )
    .option(
      '--dir <folder>',
      'new or empty folder for the config, results and mails (default: a new temporary folder)',
    )
    .action(async (_options, self: Command) => {
      const { dir, logLevel } = self.optsWithGlobals<RawOptions & { dir?: string }>();
      end(await (await import('../commands/demo.ts')).demo({ dir, logLevel }, shell));
    });

  command(
    'run',
    'Test all sites at every interval until stopped.',
    'vpn-monitor run -c /etc/vpn-monitor/config.yml',
  ).action(async (_options, self: Command) => {
    end(await (await import('../commands/run.ts')).run(common(self.optsWithGlobals()), shell));
  });

  command(
    'once',
    'Test all sites (or the named ones) once. Writes CSV rows; does not send mail or count failures.',
    'vpn-monitor once site1 site2 --json',
  )
    .argument('[SITE...]', 'sites to test, also disabled ones (default: all enabled sites)')
    .option('--json', 'print only JSON on stdout')
    .option('--transcript <file>', "write the dialogue of one site's client to a new file, without secrets")
    .action(async (sites: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { json?: true; transcript?: string }>();
      const { once } = await import('../commands/once.ts');
      const { json, transcript } = options;
      end(await once({ ...common(options), sites, json: json === true, transcript }, shell));
    });

  command(
    'status',
    'Show the current and recent state of each site. Reads result files only; runs no test.',
    'vpn-monitor status --watch',
  )
    .argument('[SITE...]', 'sites to show in detail (default: a line for each enabled site)')
    .option('--json', 'print only JSON on stdout')
    .option('--watch', 'show the status until ctrl-C, always up to date')
    .action(async (sites: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { json?: true; watch?: true }>();
      const { status } = await import('../commands/status.ts');
      const { json, watch } = options;
      end(await status({ ...common(options), sites, json: json === true, watch: watch === true }, shell));
    });

  command(
    'report',
    'Write an HTML report with the availability, times and outages of a range of days.',
    'vpn-monitor report --from 2026-10-01 --to 2026-10-31 --output october.html',
  )
    .option('--from <day>', 'first day, such as 2026-10-01 (default: 29 days before the last day)', parseDay)
    .option('--to <day>', 'last day (default: today)', parseDay)
    .option('--title <text>', 'heading of the report (default: the days)', parseTitle)
    .option(
      '--target <percent>',
      'availability to reach, such as 99.9; the report says who missed it',
      parseTarget,
    )
    .option('--output <file>', 'HTML file to write', 'report.html')
    .option('--summary <file>', 'text file with availability and outages (/dev/stdout: print them)')
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & RawReportOptions>();
      const { report } = await import('../commands/report.ts');
      const { from, to, title, target, output, summary } = options;
      end(await report({ ...common(options), from, to, title, target, output, summary }, shell));
    });

  command(
    'silence',
    'Send no alerts about some sites for a time. Tests continue.',
    'vpn-monitor silence site1 --for 2h --reason "the line is being repaired"',
  )
    .argument('[SITE...]', 'sites to silence')
    .option('--all', 'silence all sites')
    .option('--for <time>', 'how long: 30m, 2h, 1d, at most 30d', parseDuration)
    .option('--reason <text>', 'why, for status and messages')
    .option('--list', 'list what is silenced or acknowledged')
    .option('--end', 'end the silences of these sites')
    .action(async (sites: string[], _options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & RawSilence>();
      const { silence } = await import('../commands/orders.ts');
      const { all, for: forMs, reason, list, end: ends } = options;
      const flags = { all: all === true, list: list === true, end: ends === true };
      end(await silence({ ...common(options), sites, ...flags, forMs, reason }, shell));
    });

  command(
    'ack',
    'Acknowledge the outage of a site: no reminders until it is back.',
    'vpn-monitor ack site1 --note "the provider is informed"',
  )
    .argument('<SITE>', 'the site that is down')
    .option('--note <text>', 'what is known, for status and messages')
    .option('--end', 'take the acknowledgement back')
    .action(async (site: string, _options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { note?: string; end?: true }>();
      const { ack } = await import('../commands/orders.ts');
      const { note, end: ends } = options;
      end(await ack({ ...common(options), site, note, end: ends === true }, shell));
    });

  command(
    'check',
    'Check the configuration and this host, and print how to fix each problem.',
    'vpn-monitor check',
  ).action(async (_options, self: Command) => {
    end(await (await import('../commands/check.ts')).check(common(self.optsWithGlobals()), shell));
  });

  command(
    'test-notify',
    "Send one test notification by each channel, or by one, and print the receiver's reply.",
    'vpn-monitor test-notify',
  )
    // The name of 1.0.0.
    .alias('test-mail')
    .argument('[CHANNEL]', 'channel to test, mail being logging.email (default: all channels)')
    .action(async (channel: string | undefined, _options, self: Command) => {
      const { testNotify } = await import('../commands/test-notify.ts');
      end(await testNotify({ ...common(self.optsWithGlobals()), channel }, shell));
    });

  command(
    'totp',
    'Print a one-time code of a site, for setting up. It is not used for a log-in any more.',
    'vpn-monitor totp site1',
  )
    .argument('<SITE>', 'the site')
    .action(async (site: string, _options, self: Command) => {
      const { totp } = await import('../commands/totp.ts');
      end(await totp({ ...common(self.optsWithGlobals()), site }, shell));
    });

  command(
    'test-client',
    'Play a transcript through the profile of a client, and print what each line means to it. Needs no gateway.',
    'vpn-monitor test-client my-client transcript.jsonl',
  )
    .argument('<CLIENT>', 'a built-in client, or one that the config describes')
    .argument('<FILE>', 'a transcript: see once --transcript')
    .option(
      '--site <site>',
      'the site whose keys decide what is asked (default: the keys that the transcript shows)',
    )
    .action(async (client: string, file: string, _options, self: Command) => {
      const options = self.optsWithGlobals<RawOptions & { site?: string }>();
      const { testClient } = await import('../commands/test-client.ts');
      end(await testClient({ ...common(options), client, file, site: options.site }, shell));
    });

  command(
    'systemd',
    'Print a systemd unit file that runs the monitor on this host.',
    'vpn-monitor systemd -c /etc/vpn-monitor/config.yml | sudo tee /etc/systemd/system/vpn-monitor.service',
  )
    .option('--user <name>', 'run the service as this user instead of root')
    .action(async (_options, self: Command) => {
      const { user, ...options } = self.optsWithGlobals<RawOptions & { user?: string }>();
      end(await (await import('../commands/systemd.ts')).systemd({ ...common(options), user }, shell));
    });

  program
    .command('completion')
    .description('Print a shell completion script for commands, options and sites.')
    .addArgument(new Argument('<SHELL>', 'bash or zsh').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(vpn-monitor completion bash)\n  source <(vpn-monitor completion zsh)',
    )
    .allowExcessArguments(false)
    .action(async (name: 'bash' | 'zsh') => {
      end((await import('../commands/completion.ts')).completion(name, program, shell));
    });

  // Called by the completion scripts.
  for (const what of ['sites', 'channels'] as const) {
    withCommonOptions(program.command(`complete-${what}`, { hidden: true })).action(
      async (_options, self: Command) => {
        const { config } = common(self.optsWithGlobals());
        end((await import('../commands/completion.ts')).completeNames(what, config, shell));
      },
    );
  }

  program
    .command('help')
    .description('Show help for a command.')
    .argument('[command]')
    .action((name: string | undefined) => {
      const about =
        name === undefined
          ? program
          : program.commands.find((known) => known.name() === name || known.aliases().includes(name));
      if (about === undefined) refuse(name ?? '', program);
      about.outputHelp();
    });

  return program;
}

/** What to do first, where nothing is configured. */
const FIRST_STEPS = `There is no config.yml in this folder, so there is nothing to test yet.

  vpn-monitor demo           see it work, with simulated sites, in a minute
  vpn-monitor init           create config.yml here
  vpn-monitor --config FILE  use a config elsewhere
  vpn-monitor --help         show all commands`;

interface RawSilence {
  readonly all?: true;
  readonly for?: number;
  readonly reason?: string;
  readonly list?: true;
  readonly end?: true;
}

interface RawOptions {
  readonly config?: string;
  readonly logLevel?: Level;
}

interface RawReportOptions {
  readonly from?: LocalDay;
  readonly to?: LocalDay;
  readonly title?: string;
  readonly target?: number;
  readonly output: string;
  readonly summary?: string;
}

/** Adds the options that work both before and after the command's name. */
function withCommonOptions(command: Command): Command {
  return command.option('-c, --config <file>', 'config file (default: ./config.yml)').addOption(
    new Option('--log-level <level>', 'minimum log level (default: logging.level of the config)')
      .choices(LEVELS)
      // Replaces commander's own check of the choices, which is case-sensitive.
      .argParser(parseLevel),
  );
}

function common({ config, logLevel }: RawOptions): CommonOptions {
  return { config: config ?? 'config.yml', logLevel };
}

/** Reports an unknown command, or an unknown option before the command, with the nearest known one. */
function refuse(word: string, program: Command): never {
  const help = program.createHelp();
  const [kind, known] = word.startsWith('-')
    ? ['option', help.visibleOptions(program).map((option) => option.long ?? '')]
    : ['command', help.visibleCommands(program).map((command) => command.name())];
  const guess = nearest(word, known);
  const remedy = `${guess === undefined ? '' : `, did you mean ${guess}?`} (vpn-monitor --help lists all)`;
  program.error(`error: unknown ${kind} '${word}'${remedy}`);
}
