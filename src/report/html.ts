/** A safe piece of HTML with all its end tags. */
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

/** Escapes a text for HTML, also for a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => NAMED[character] ?? '');
}

/** A value for {@link html}: a text or number, which is escaped, or HTML, which is not. */
export type Content = Html | string | number | readonly Html[];

/** Template tag that returns HTML. Escapes each value that is not HTML itself. */
export function html(texts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { html: texts.map((text, index) => text + inHtml(contents[index] ?? '')).join('') };
}

function inHtml(content: Content): string {
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if ('html' in content) return content.html;
  return content.map((each) => each.html).join('');
}

/** Marks a text as HTML, without escaping: only for the program's own text. */
export function raw(text: string): Html {
  return { html: text };
}

/** Returns a value as JSON for a script element. No text in it can end the element. */
export function scriptJson(value: unknown): Html {
  return raw(
    JSON.stringify(value).replace(
      /[<\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
}
