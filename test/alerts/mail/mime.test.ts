import { describe, expect, test } from 'vitest';
import { composeMail } from '../../../src/alerts/mail/mime.ts';
import { parseAddresses } from '../../../src/config/schema/address.ts';
import { HEADERS, mailbox } from '../support.ts';

const at = new Date('2018-11-14T05:28:30Z');
const email = { from: mailbox('vpn-monitor@example.com'), to: [mailbox('noc@example.com')] } as const;
const message = {
  key: 'first@example.com',
  subject: '2 consecutive failures for site1',
  text: 'site1: text\n',
  created: at.toISOString(),
  replyTo: null,
};

/** The header lines, unfolded. */
function headers(raw: string): string[] {
  const [head = ''] = raw.split('\r\n\r\n');
  return head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
}

describe('a mail', () => {
  test('is the same each time it is built, with all its headers', async () => {
    const mail = await composeMail(message, email);
    expect(await composeMail(message, email)).toEqual(mail);
    expect(headers(mail.raw)).toEqual([
      'Auto-Submitted: auto-generated',
      'From: vpn-monitor@example.com',
      'To: noc@example.com',
      'Subject: 2 consecutive failures for site1',
      'Message-ID: <first@example.com>',
      'Date: Wed, 14 Nov 2018 05:28:30 +0000',
      'Content-Transfer-Encoding: 7bit',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
    ]);
    const { raw, ...envelope } = mail;
    expect(envelope).toEqual({ from: 'vpn-monitor@example.com', recipients: ['noc@example.com'] });
  });

  test('refers to the first of the outage', async () => {
    const mail = await composeMail(
      { ...message, key: 'second@example.com', replyTo: 'first@example.com' },
      email,
    );
    expect(headers(mail.raw)).toContain('In-Reply-To: <first@example.com>');
    expect(headers(mail.raw)).toContain('References: <first@example.com>');
  });

  test('keeps every line of its text', async () => {
    const text = 'From here\n.\n..\ntrailing \nZürich\n';
    const { raw } = await composeMail({ ...message, text }, email);
    expect(raw.split('\r\n\r\n')[1]).toBe('From here\r\n.\r\n..\r\ntrailing=20\r\nZ=C3=BCrich\r\n');
    expect(raw).not.toMatch(/(?<!\r)\n/);
  });

  test.each([
    ['non-ASCII', 'Zürich 東京 is back (down 47 min)'],
    ['very long', `2 consecutive failures for ${'x'.repeat(900)}`],
    ['with line breaks', 'site1\r\nBcc: evil@example.com\r\n\r\nbody'],
  ])('with a subject that is %s has the same headers', async (_, subject) => {
    const { raw } = await composeMail({ ...message, subject }, email);
    const names = headers(raw).map((line) => line.split(':')[0]);
    expect(names).toEqual(HEADERS);
    expect(Math.max(...raw.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThan(999);
    expect(headers(raw).join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test.each([
    ['a name', 'VPN monitor <vpn@example.com>', 'vpn@example.com', 'From: VPN monitor <vpn@example.com>'],
    [
      'a quoted name',
      '"Ops, night <1>" <vpn@example.com>',
      'vpn@example.com',
      'From: "Ops, night <1>" <vpn@example.com>',
    ],
    ["a mailbox of the server's own", 'root', 'root', 'From: <root>'],
    ['an address literal', 'vpn@[192.0.2.1]', 'vpn@[192.0.2.1]', 'From: <vpn@[192.0.2.1]>'],
    ['an international domain', 'vpn@exämple.com', 'vpn@xn--exmple-cua.com', 'From: vpn@xn--exmple-cua.com'],
  ])('takes %s as its address', async (_, text, address, header) => {
    const [from = mailbox('none')] = parseAddresses(text) ?? [];
    const mail = await composeMail(message, { ...email, from });
    expect(mail.from).toBe(address);
    expect(headers(mail.raw).find((line) => line.startsWith('From:'))).toBe(header);
  });
});
