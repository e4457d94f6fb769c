import type { SiteConfig } from '../config/config.ts';

/** A template with the site's values in it, and the first key it names that the site does not have. */
export function fill(
  template: string,
  site: SiteConfig,
): { readonly text: string; readonly missing: string | undefined } {
  const values = new Map([
    ...site.clientKeys,
    ['vpn_gw', site.vpnGw],
    ['username', site.username],
    ['password', site.password.reveal()],
  ]);
  let missing: string | undefined;
  const text = template.replace(/\{(\w+)\}/g, (_, key: string) => {
    if (!values.has(key)) missing ??= key;
    return values.get(key) ?? '';
  });
  return { text, missing };
}
