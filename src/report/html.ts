/** A piece of HTML, whole and safe. */
export interface Html {
  readonly html: string;
}

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that may stand anywhere in HTML, also in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => NAMED[character] ?? '');
}

/** What may be put into {@link html}: texts and numbers are escaped, pieces of HTML are not. */
export type Content = Html | string | number | readonly Html[];

/** Makes HTML of a template; whatever is put into it is escaped unless it is HTML itself. */
export function html(texts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { html: texts.map((text, index) => text + inHtml(contents[index] ?? '')).join('') };
}

function inHtml(content: Content): string {
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if ('html' in content) return content.html;
  return content.map((each) => each.html).join('');
}

/** Text that is HTML already, such as a style sheet of our own. */
export function raw(text: string): Html {
  return { html: text };
}

/** A value as JSON that may stand in a script element: no text in it can end the element. */
export function scriptJson(value: unknown): Html {
  return raw(
    JSON.stringify(value).replace(
      /[<\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
}
