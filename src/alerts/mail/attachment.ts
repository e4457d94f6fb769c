/** Separates the parts of a mail with an attachment. No line of a report begins so, and base64 can't contain it. */
const BOUNDARY = '=_vpn-monitor-report';
/** Bytes of a line of base64: 76 characters (RFC 2045, 6.8). */
const LINE_BYTES = 57;
/** Bytes that are encoded at once, whole lines. */
const BLOCK_BYTES = 1000 * LINE_BYTES;

/** A file that is sent with a mail. */
export interface Attachment {
  /** Letters, digits, `.` and `-`. */
  readonly name: string;
  readonly content: Buffer;
}

/** Adds an HTML page to a mail that consists of one text. The same mail and page give the same bytes. Pure. */
export function withAttachment(mail: string, { name, content }: Attachment): Buffer {
  const end = mail.indexOf('\r\n\r\n');
  const headers = mail.slice(0, end).split(/\r\n(?![ \t])/);
  const ofPart = (header: string) => /^content-/i.test(header);
  const head = [
    ...headers.filter((header) => !ofPart(header)),
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    '',
    `--${BOUNDARY}`,
    ...headers.filter(ofPart),
    mail.slice(end + 2),
    `--${BOUNDARY}`,
    `Content-Type: text/html; charset=utf-8; name="${name}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${name}"`,
    '\r\n',
  ].join('\r\n');
  const blocks = [Buffer.from(head)];
  for (let at = 0; at < content.length; at += BLOCK_BYTES) {
    const text = content.subarray(at, at + BLOCK_BYTES).toString('base64');
    blocks.push(Buffer.from(text.replace(/.{1,76}/g, '$&\r\n')));
  }
  return Buffer.concat([...blocks, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}
