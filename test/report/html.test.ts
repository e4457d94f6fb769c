import { expect, test } from 'vitest';
import { escapeHtml, html, raw, scriptJson } from '../../src/report/html.ts';

const HOSTILE = `</script><img src=x onerror="alert(1)" alt='&'>\u2028`;

test('values in a template are escaped unless they are HTML', () => {
  expect(html`<td title="${HOSTILE}">${HOSTILE}</td>`.html).toBe(
    `<td title="${escapeHtml(HOSTILE)}">${escapeHtml(HOSTILE)}</td>`,
  );
  expect(escapeHtml(HOSTILE)).not.toMatch(/[<>"']/);
  expect(escapeHtml('&lt;')).toBe('&amp;lt;');
  expect(html`<p>${1.5}${raw('<b>')}${[html`<i>${'<'}</i>`, html`-`]}</p>`.html).toBe(
    '<p>1.5<b><i>&lt;</i>-</p>',
  );
});

test('JSON in a script element cannot end it, and is the same when read', () => {
  const text = scriptJson({ name: HOSTILE, gone: Number.NaN, comment: '<!--' }).html;
  expect(text).not.toMatch(/[<\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual({ name: HOSTILE, gone: null, comment: '<!--' });
});
