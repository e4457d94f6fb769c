// Prints vpn-monitor.1, made from the command tree of the built program: node contrib/debian/man-page.mjs VERSION DATE
import { createCommandLine } from '../../dist/cli/command-tree.js';

const [version = '', date = ''] = process.argv.slice(2);
const printed = [];
const screen = { print: (text) => printed.push(text), diagnose: () => undefined };
const program = createCommandLine(/** @type {any} */ ({ version, screen }), () => undefined);
const help = program.createHelp();

/** The whole help of a command, with the texts after it. */
function helpOf(command) {
  printed.length = 0;
  command.outputHelp();
  return printed.join('\n');
}

/** The indented lines below a heading of a help text. */
function below(text, heading) {
  const lines = text.split('\n');
  const start = lines.indexOf(heading) + 1;
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith('  '));
  return start === 0 ? [] : lines.slice(start, end < 0 ? lines.length : end).map((line) => line.trim());
}

const roff = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
const bold = (text) => `.B "${roff(text).replaceAll('"', '\\(dq')}"`;
const entry = (tag, text) => ['.TP', bold(tag), roff(text)];
const options = (command) =>
  help.visibleOptions(command).flatMap((option) => entry(option.flags, `${option.description}.`));

function commandLines(command) {
  const [example = ''] = ['Example:', 'Examples:'].flatMap((heading) => below(helpOf(command), heading));
  return [
    `.SS ${roff(command.name())}`,
    bold(`vpn-monitor ${command.name()} ${command.usage()}`),
    '.PP',
    roff(command.description()),
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .flatMap((argument) => entry(argument.name(), `${argument.description}.`)),
    ...options(command),
    ...(example === '' ? [] : ['.PP', 'Example:', '.PP', '.RS', roff(example), '.RE']),
  ];
}

const statuses = below(helpOf(program), 'Exit status:').map((line) => /^(.*?) {2,}(.*)$/.exec(line));
console.log(
  [
    `.TH VPN\\-MONITOR 1 "${date}" "vpn\\-monitor ${version}" "User Commands"`,
    '.SH NAME',
    'vpn\\-monitor \\- test SSL VPN gateways as their users do',
    '.SH SYNOPSIS',
    '.B vpn\\-monitor',
    '.RI [ command ]',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    roff(program.description()),
    'Without a command it runs until it is stopped, and tests all sites of the config at every interval.',
    '.SH OPTIONS',
    ...options(program),
    '.SH COMMANDS',
    ...help.visibleCommands(program).flatMap(commandLines),
    '.SH EXIT STATUS',
    ...statuses.flatMap((match) => (match === null ? [] : entry(match[1] ?? '', `${match[2]}.`))),
    '.SH FILES',
    ...entry('./config.yml', 'The config, unless --config names another one.'),
    ...entry('/etc/vpn-monitor/config.yml', 'The config of the service.'),
    ...entry('/var/lib/vpn-monitor', 'The results of the service, if logging.dir of its config says so.'),
    '.SH SEE ALSO',
    'The documents in /usr/share/doc/vpn\\-monitor,',
    '.BR systemctl (1)',
  ].join('\n'),
);
