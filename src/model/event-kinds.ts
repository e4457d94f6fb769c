/** What programs and people are told about a kind of event. */
interface EventKindWords {
  /** Its name in `events:` of a channel, and in documents for programs. Several kinds may share one. */
  readonly event: string;
  /** Whether something is wrong from then on, is over, or is only to be known. */
  readonly state: 'firing' | 'resolved' | 'notice';
  readonly severity: 'critical' | 'warning' | 'info';
  /** The name of the alert in Alertmanager. What begins and ends the same thing has the same name. */
  readonly alert: string;
  /**
   * The name of this kind in a message about several sites, `%` being their number; `null`: it is about this host and never in such
   * a message.
   */
  readonly group: string | null;
}

/**
 * All kinds of events that people are told of. A new kind is one more row: the state file, grouped messages, `events:` of channels
 * and the documents for programs follow from it. Rows are in the order in which a reader of a grouped message needs them.
 */
export const EVENT_KINDS = {
  failure: { event: 'down', state: 'firing', severity: 'critical', alert: 'VpnSiteDown', group: '% DOWN' },
  reminder: {
    event: 'reminder',
    state: 'firing',
    severity: 'critical',
    alert: 'VpnSiteDown',
    group: '% still DOWN',
  },
  recovery: { event: 'recovery', state: 'resolved', severity: 'info', alert: 'VpnSiteDown', group: '% back' },
  flapping: {
    event: 'flapping',
    state: 'firing',
    severity: 'warning',
    alert: 'VpnSiteFlapping',
    group: '% flapping',
  },
  steady: {
    event: 'flapping',
    state: 'resolved',
    severity: 'info',
    alert: 'VpnSiteFlapping',
    group: '% steady again',
  },
  slow: { event: 'slow', state: 'firing', severity: 'warning', alert: 'VpnSiteSlow', group: '% slow' },
  fast: {
    event: 'slow',
    state: 'resolved',
    severity: 'info',
    alert: 'VpnSiteSlow',
    group: '% as fast as before',
  },
  expiry: {
    event: 'expiry',
    state: 'notice',
    severity: 'warning',
    alert: 'VpnSitePasswordExpires',
    group: '% with a password that expires',
  },
  certificate: {
    event: 'certificate',
    state: 'notice',
    severity: 'warning',
    alert: 'VpnSiteCertificateExpires',
    group: '% with a certificate that expires',
  },
  renewed: {
    event: 'certificate',
    state: 'resolved',
    severity: 'info',
    alert: 'VpnSiteCertificateExpires',
    group: '% with a renewed certificate',
  },
  'host-fault': {
    event: 'host',
    state: 'firing',
    severity: 'critical',
    alert: 'VpnMonitorUnfit',
    group: null,
  },
  'host-recovery': {
    event: 'host',
    state: 'resolved',
    severity: 'info',
    alert: 'VpnMonitorUnfit',
    group: null,
  },
  uplink: {
    event: 'uplink',
    state: 'notice',
    severity: 'warning',
    alert: 'VpnMonitorNoUplink',
    group: null,
  },
  report: {
    event: 'report',
    state: 'notice',
    severity: 'info',
    alert: 'VpnMonitorReport',
    group: null,
  },
} as const satisfies Readonly<Record<string, EventKindWords>>;

/** One of {@link EVENT_KINDS}. */
export type EventKind = keyof typeof EVENT_KINDS;

/** A name that `events:` of a channel may have. */
export type EventName = (typeof EVENT_KINDS)[EventKind]['event'];

/** A kind of event that is about a site. */
export type SiteEventKind = {
  [K in EventKind]: (typeof EVENT_KINDS)[K]['group'] extends string ? K : never;
}[EventKind];

/** All kinds, in the order of {@link EVENT_KINDS}. */
export const KINDS = Object.keys(EVENT_KINDS) as readonly EventKind[];

/** The kinds that are about a site, in the order of {@link EVENT_KINDS}. */
export const SITE_KINDS = KINDS.filter((kind): kind is SiteEventKind => EVENT_KINDS[kind].group !== null);

/** Each name that `events:` may have, once. */
export const EVENT_NAMES: readonly EventName[] = [...new Set(KINDS.map((kind) => EVENT_KINDS[kind].event))];
