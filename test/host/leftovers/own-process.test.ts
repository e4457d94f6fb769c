import { expect, test } from 'vitest';
import { isOwnProgram } from '../../../src/host/leftovers/own-process.ts';
import type { ProcessInfo } from '../../../src/system/place.ts';
import { connectTunnel } from '../programs.ts';

function processOf(name: string, args: readonly string[]): ProcessInfo {
  return { pid: 4242, name, args, state: 'S', ppid: 1, pgrp: 4242, session: 4242, startTicks: 1, uid: 0 };
}

const AVENTAIL = '/usr/local/Aventail';

test.each([
  ['the script by its name', 'startct', ['/bin/bash', '/usr/bin/startct', '-s', 'gw'], 'startct'],
  ['the script run by its shell', 'bash', ['bash', '/usr/bin/startct'], 'startct'],
  ['the tunnel', 'AvConnect', [`${AVENTAIL}/AvConnect`, '-x'], 'AvConnect'],
  ['a program that hides its arguments', 'AvConnect', [], 'AvConnect'],
  [
    'its java, by the archive',
    'java',
    ['java', '-jar', `${AVENTAIL}/ui/SnwlConnect.jar`, '-s', 'gw'],
    'java',
  ],
  ['its java, started in its folder', 'java', ['java', '-jar', './SnwlConnect.jar'], 'java'],
  [
    'its java, by the class path',
    'java',
    ['/usr/bin/java', '-cp', `/x.jar:${AVENTAIL}/ui/nui.jar`, 'Main'],
    'java',
  ],
  ['its java, by the main class', 'java', ['java', 'com.sonicwall.SnwlConnect'], 'java'],
  ['a java of its own', 'java', [`${AVENTAIL}/jre/bin/java`, '-jar', 'x.jar'], 'java'],
  ['a java whose threads are named otherwise', 'main', ['/usr/bin/java', '-jar', 'SnwlConnect.jar'], 'java'],
])("%s is the client's", (_, name, args, own) => {
  expect(connectTunnel.find((process) => isOwnProgram(processOf(name, args), process))?.name).toBe(own);
});

test.each([
  ['an editor', 'vi', ['vi', '/usr/bin/startct']],
  ['a word in an argument', 'sleep', ['sleep', 'startct']],
  ['a shell with a text', 'bash', ['bash', '-c', 'sleep 1; startct']],
  ['a shell with a text and a name for it', 'bash', ['bash', '-c', 'sleep 1', 'startct']],
  ['a script with the word as argument', 'backup', ['/bin/sh', '/usr/bin/backup', 'startct']],
  ['another program of a similar name', 'startctui', ['/bin/bash', '/usr/bin/startctui']],
  ['a title', 'nginx', ['nginx: worker /usr/bin/startct']],
  ['a java', 'java', ['java', '-jar', '/opt/app.jar']],
  ['a java that shows no arguments', 'java', []],
  ['a java told of the client', 'java', ['java', '-jar', '/opt/app.jar', `${AVENTAIL}/ui/SnwlConnect.jar`]],
  [
    'a java that logs about the client',
    'java',
    ['java', '-Dlog=/var/log/SnwlConnect', '-jar', '/opt/app.jar'],
  ],
  ['a java of a similar folder', 'java', ['java', '-cp', '/usr/local/AventailTools', 'Main']],
  ['a kernel thread', 'kworker/0:1-events', []],
])("%s is not the client's", (_, name, args) => {
  expect(connectTunnel.find((process) => isOwnProgram(processOf(name, args), process))).toBeUndefined();
});

test('a name that the kernel has cut is not enough', () => {
  const cut = processOf('a-long-program-', ['/x/a-long-program-of-others']);
  expect(isOwnProgram(cut, { name: 'a-long-program-' })).toBe(false);
  expect(isOwnProgram(cut, { name: 'a-long-program-of-others' })).toBe(true);
  expect(isOwnProgram({ ...cut, args: [] }, { name: 'a-long-program-of-others' })).toBe(false);
});
