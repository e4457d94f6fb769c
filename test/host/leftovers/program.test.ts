import { expect, test } from 'vitest';
import { javaCode } from '../../../src/host/leftovers/java-code.ts';
import { programOf } from '../../../src/host/leftovers/program.ts';

test.each([
  [['/usr/bin/startct', '-s', 'gw'], '/usr/bin/startct'],
  [['startct'], 'startct'],
  [['/bin/bash', '/usr/bin/startct', '-s', 'gw'], '/usr/bin/startct'],
  [['sh', './startct'], './startct'],
  [['bash', '-e', '-u', 'startct'], 'startct'],
  [['bash', '-o', 'pipefail', 'startct'], 'startct'],
  [['bash', '-euo', 'pipefail', 'startct'], 'startct'],
  [['bash', '+O', 'extglob', 'startct'], 'startct'],
  [['bash', '--norc', '--', 'startct'], 'startct'],
  [['bash', '--rcfile', '/tmp/startct'], undefined],
  [['bash', '-c', 'sleep 1; startct', 'startct'], undefined],
  [['bash', '-lc', 'startct'], undefined],
  [['bash', '-s', 'startct'], undefined],
  [['bash', '-', 'startct'], undefined],
  [['bash'], undefined],
  [['-bash'], '-bash'],
  [['python3.11', '-u', '/opt/startct', 'x'], '/opt/startct'],
  [['python3', '-W', 'ignore', 'startct'], 'startct'],
  [['python3', '-Wonce', 'startct'], 'startct'],
  [['python3', '-m', 'startct'], undefined],
  [['python3', '-c', 'pass', 'startct'], undefined],
  [['perl', '-w', '-I', '/lib/startct', 'x.pl'], 'x.pl'],
  [['perl', '-Mstrict', 'startct'], 'startct'],
  [['perl', '-ne', 'print', 'startct'], undefined],
  [['node', '--enable-source-maps', '-r', 'startct', 'x.js'], 'x.js'],
  [['node', '--import=startct', 'x.js'], 'x.js'],
  [['node', '--eval', '1', 'startct'], undefined],
  [['node', '-p', '1', 'startct'], undefined],
  [['vi', '/usr/bin/startct'], 'vi'],
  [['sudo', '-n', 'startct'], 'sudo'],
  [['env', 'startct'], 'env'],
  // What a process has written over its arguments is no path.
  [['nginx: worker process /usr/sbin/startct'], undefined],
  [[''], undefined],
  [[], undefined],
])('%j runs %s', (commandLine, program) => {
  expect(programOf(commandLine)?.file).toBe(program);
});

test('the arguments of a script are those after its name', () => {
  expect(programOf(['bash', '-e', 'startct', '-s', 'gw'])).toEqual({ file: 'startct', args: ['-s', 'gw'] });
});

test.each([
  [
    ['-Xmx64m', '-jar', '/usr/local/Aventail/ui/SnwlConnect.jar', '--mode', 'cli'],
    ['/usr/local/Aventail/ui/SnwlConnect.jar'],
  ],
  [
    ['-cp', '/a/b.jar:/c', 'com.example.Main', '/usr/local/Aventail'],
    ['/a/b.jar', '/c', 'com.example.Main'],
  ],
  [
    ['-classpath', 'x.jar', '-Dlog=/var/log/SnwlConnect', 'Main'],
    ['x.jar', 'Main'],
  ],
  [
    ['--class-path=/a:/b', 'Main'],
    ['/a', '/b', 'Main'],
  ],
  [
    ['-p', '/mods', '--add-modules', 'SnwlConnect', '-m', 'mod/pkg.Main', 'arg'],
    ['/mods', 'mod', 'pkg.Main'],
  ],
  [
    ['--module=mod/pkg.Main', 'SnwlConnect.jar'],
    ['mod', 'pkg.Main'],
  ],
  [['-jar', '-Xmx1g', 'app.jar', 'SnwlConnect.jar'], ['app.jar']],
  [['@args', 'SnwlConnect.jar'], []],
  [['-version'], []],
  [['-cp'], ['']],
  [[], []],
])('java %j loads its code from %j', (args, code) => {
  expect(javaCode(args)).toEqual(code);
});
