import { expect, test } from 'vitest';
import { withAttachment } from '../../../src/alerts/mail/attachment.ts';
import { composeMail } from '../../../src/alerts/mail/mime.ts';
import { emailConfig } from '../support.ts';

test('a mail gets a page, and keeps its headers and its text', async () => {
  const { raw } = await composeMail(
    {
      key: '1@example.com',
      subject: 'VPN report 23 Nov to 29 Nov 2026: 99.95 % available, 3 outages, and more that is folded',
      text: 'All is well =\n',
      created: '2026-11-30T07:00:00.000Z',
      replyTo: null,
    },
    emailConfig(25),
  );
  const page = Buffer.from('<!doctype html>\n<p>é</p>\n'.repeat(7000));
  const mail = withAttachment(raw, { name: 'report.html', content: page }).toString('latin1');
  const [head = ''] = mail.split('\r\n\r\n');
  for (const header of raw.split('\r\n\r\n')[0]?.split('\r\n') ?? []) {
    if (!header.startsWith('Content-')) expect(head).toContain(header);
  }
  expect(head.match(/^Content-Type: .*$/gim)).toEqual([
    'Content-Type: multipart/mixed; boundary="=_vpn-monitor-report"',
  ]);
  const parts = mail.split(/\r\n--=_vpn-monitor-report(?:--)?\r\n/);
  expect(parts).toHaveLength(4);
  expect(parts[1]).toContain('\r\n\r\nAll is well =\r\n');
  const [about = '', base64 = ''] = parts[2]?.split('\r\n\r\n') ?? [];
  expect(about).toBe(
    'Content-Type: text/html; charset=utf-8; name="report.html"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="report.html"',
  );
  expect(Math.max(...base64.split('\r\n').map(({ length }) => length))).toBe(76);
  expect(Buffer.from(base64, 'base64').equals(page)).toBe(true);
});
