import { domainToASCII } from 'node:url';

/** The address with its domain as the mail system knows it: IDNA's ASCII form (RFC 5891). The part before the @ stays. */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return `${address.slice(0, at + 1)}${domainToASCII(domain) || domain}`;
}

/** Whether an address can only go to a server that offers SMTPUTF8 (RFC 6531). */
export function needsUtf8(address: string): boolean {
  return /[^\0-\x7f]/.test(withAsciiDomain(address));
}
