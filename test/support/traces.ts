/** In which forms a text holds a secret: plain, as JSON writes it (also within JSON), in base64 at each alignment. */
export function tracesOf(secret: string, text: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const forms: Record<string, string> = {
    plain: secret,
    json,
    'json in json': JSON.stringify(json).slice(1, -1),
  };
  for (const before of [0, 1, 2]) {
    // Without the characters that also depend on what stands before and after.
    const whole = Buffer.from('x'.repeat(before) + secret).toString('base64');
    const last = (before + Buffer.byteLength(secret)) % 3 === 0 ? whole.length : whole.search(/=|$/) - 1;
    forms[`base64 at ${before}`] = whole.slice([0, 2, 3][before], last);
    forms[`base64url at ${before}`] = (forms[`base64 at ${before}`] ?? '')
      .replace(/\+/g, '-')
      .replace(/\//g, '_');
  }
  return Object.entries(forms).flatMap(([form, shown]) => (text.includes(shown) ? [form] : []));
}
