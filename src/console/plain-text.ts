/** A string sequence (OSC, DCS, ...) that is still open after this many characters was none: what follows is text again. */
const LONGEST_STRING_SEQUENCE = 1024;

type State = 'text' | 'escape' | 'csi' | 'string' | 'string-escape' | 'charset';

/**
 * Turns what a program writes to a terminal into plain text, chunk by chunk, whatever the chunks' borders: UTF-8
 * (bytes that are none become U+FFFD), without escape sequences (ECMA-48) and control characters; a carriage
 * return with or without a line feed ends a line.
 *
 * @returns a function from the next bytes to the text that they add.
 */
export function plainTextDecoder(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8');
  let state: State = 'text';
  let stringLength = 0;
  let afterReturn = false;

  const text = (char: string): string => {
    // CR CR LF is what a terminal makes of a program's own CR LF: one line end.
    const skip = afterReturn && (char === '\r' || char === '\n');
    afterReturn = char === '\r';
    if (skip) return '';
    if (char === '\r' || char === '\n') return '\n';
    const code = char.charCodeAt(0);
    return char === '\t' || (code >= 0x20 && code !== 0x7f && (code < 0x80 || code > 0x9f)) ? char : '';
  };

  const next = (char: string): string => {
    switch (state) {
      case 'text':
        if (char !== '\x1b') return text(char);
        state = 'escape';
        return '';
      case 'escape':
        stringLength = 0;
        if (char === '[') state = 'csi';
        else if (']PX^_'.includes(char)) state = 'string';
        else if ('()*+-./ #%'.includes(char)) state = 'charset';
        else state = char === '\x1b' ? 'escape' : 'text';
        return '';
      case 'charset':
        state = 'text';
        return '';
      case 'csi':
        // Parameter and intermediate bytes go on; a final byte ends it; anything else was no part of it.
        if (char >= ' ' && char <= '?') return '';
        state = 'text';
        return char >= '@' && char <= '~' ? '' : next(char);
      case 'string':
        stringLength += 1;
        if (char === '\x1b') state = 'string-escape';
        else if (char === '\x07' || stringLength >= LONGEST_STRING_SEQUENCE) state = 'text';
        return '';
      case 'string-escape':
        state = 'text';
        return char === '\\' ? '' : next(`\x1b`) + next(char);
    }
  };

  return (bytes) => {
    const decoded = decoder.decode(bytes, { stream: true });
    if (state === 'text' && !afterReturn && /^[\t\n\x20-\x7e]*$/.test(decoded)) return decoded;
    let plain = '';
    for (const char of decoded) plain += next(char);
    return plain;
  };
}
