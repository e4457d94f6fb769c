import { domainToASCII } from 'node:url';

const NOT_ASCII = /[^\0-\x7f]/;

/**
 * The address with its domain as the mail system knows it: IDNA's ASCII form (RFC 5891) of one with other letters. The part before
 * the @ stays.
 */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (!NOT_ASCII.test(domain)) return address;
  return `${address.slice(0, at + 1)}${domainToASCII(domain) || domain}`;
}

/** Whether an address can only go to a server that offers SMTPUTF8 (RFC 6531). */
export function needsUtf8(address: string): boolean {
  return NOT_ASCII.test(withAsciiDomain(address));
}
