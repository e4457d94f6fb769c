import type { ClientProfile } from './profile.ts';

/**
 * SonicWall Connect Tunnel's command line. Dialogue, processes and the mark in resolv.conf are those that the
 * script of 2018 met; `startct` is a shell script that starts java (SnwlConnect.jar or nui.jar) and the
 * setuid-root AvConnect.
 */
export const startct: ClientProfile = {
  name: 'startct',
  described: false,
  command: 'startct',
  args: ['-s', '{vpn_gw}', '-r', '{realm}', '-y', '{timeout}'],
  keys: { realm: { required: true, file: false }, timeout: { required: true, file: false } },
  dialogue: [
    { prompt: 'Username:', expect: /Username:/, send: '{username}' },
    { prompt: 'Password:', expect: /Password:/, send: '{password}' },
    { prompt: 'Enter your choice [1]:', expect: /Enter your choice \[1\]:/, send: '1' },
  ],
  success: {
    expect: /CONNECT/,
    unless:
      /REFUSED|FAILED|FAILURE|DENIED|CANNOT|CAN'T|COULD NOT|UNABLE|ERROR|DISCONNECT|NOT CONNECT|CONNECTING|CONNECTION|CONNECT TUNNEL|RECONNECT|TIMED? ?OUT/i,
  },
  // At the beginning of a line and only after the password: a banner may warn of failed log-ins and denied access. No
  // part of a pattern leaves its line: a gateway that sends empty lines would otherwise make the search take minutes.
  failures: [
    {
      expect:
        /^[^\w\n]*(?:error[^\w\n]+)?(?:the |your )?(?:log-?in|logon|authentication) (?:has )?(?:failed|failure|was rejected)/im,
      cause: 'credentials-rejected',
      after: 'Password:',
    },
    {
      expect:
        /^[^\w\n]*(?:error[^\w\n]+)?(?:invalid|incorrect|wrong|bad) (?:user ?name|password|credentials|login)/im,
      cause: 'credentials-rejected',
      after: 'Password:',
    },
    {
      expect:
        /^[^\w\n]*(?:error[^\w\n]+)?(?:the |your )?(?:credentials|password) (?:\w+ )?(?:rejected|incorrect|invalid)/im,
      cause: 'credentials-rejected',
      after: 'Password:',
    },
    { expect: /^[ \t]*Username:/m, cause: 'credentials-rejected', after: 'Password:' },
    { expect: /^[ \t]*Password:/m, cause: 'credentials-rejected', after: 'Password:' },
    {
      expect:
        /^[^\w\n]*(?:error[^\w\n]+)?(?:the )?connection (?:was |has been )?(?:refused|denied|rejected)/im,
      cause: 'refused',
    },
    {
      expect: /^[^\w\n]*(?:error[^\w\n]+)?(?:access|permission) (?:was |is )?denied/im,
      cause: 'refused',
      after: 'Password:',
    },
  ],
  logout: { line: 'quit' },
  own: {
    by: 'name',
    processes: [
      { name: 'startct' },
      { name: 'AvConnect' },
      { name: 'java', code: /^\/usr\/local\/Aventail(?:\/|$)|(?:^|[/.])SnwlConnect(?:\.jar)?$/ },
    ],
  },
  tunnel: 'unknown',
  setuid: true,
  dns: { mark: 'SonicWall' },
};
