/*
 * Time limits that more than one part of the program counts with, in ms. monitor/deadlines.ts adds them up.
 */

/** From SIGTERM to SIGKILL: time for a client to remove its routes and its tunnel. */
export const TERM_GRACE_MS = 3000;
/** From SIGKILL to the end: a process that is still there is stuck in the kernel. */
export const KILL_GRACE_MS = 1000;

/** From SIGINT to the summary that ping prints at its end. */
export const PING_SUMMARY_MS = 1000;

/**
 * Between a prompt and our typing: a client may print the prompt before it turns the echo off, or discard what was typed
 * before. Four times what was needed on a loaded machine (docs/benchmarks.md).
 */
export const BEFORE_TYPING_MS = 20;
/** After a failure that gives no reason: for a line that gives one. */
export const REASON_MS = 1000;
/** One call of the command that shows whether a client is logged in. */
export const SHOWN_BY_MS = 2000;
/** From a client's end to node-pty's report of it: up to 200 ms while another process holds its terminal open (measured). */
export const END_REPORTED_MS = 1000;
/** For the gateway's name to be resolved before a log-in. */
export const GATEWAY_LOOKUP_MS = 5000;
/** To note, before a log-in, how packets to what is inside leave: a name server may be slow. */
export const NOTE_WAYS_MS = 4000;
/**
 * For the gateway's certificate to be read: less than the shortest limit of a ping, beside which that happens, so it is no part of a sum.
 */
export const CERTIFICATE_MS = 3000;
/** From a log-in to traffic: openconnect needs 0.1 s (measured), a busy host more. */
export const TUNNEL_UP_MS = 10_000;

/** To find and end the leftover processes of clients. */
export const END_LEFTOVERS_MS = 8000;
/** For `dns.restore` to help. */
export const DNS_RESTORE_MS = 10_000;
/** For the program that manages resolv.conf to take a vanished tunnel's name servers out by itself (systemd-resolved, NetworkManager). */
export const DNS_SETTLE_MS = 2000;
/** To look at resolv.conf while the tunnel is up: twice a test. */
export const DNS_OBSERVE_MS = 1000;
/** For resolvconf to remove one record. */
export const DNS_RECORD_MS = 5000;
/** To compare resolv.conf and to restore it: a record, what happens by itself, `dns.restore`, and a second for the rest. */
export const DNS_CHECK_MS = DNS_RECORD_MS + DNS_SETTLE_MS + DNS_RESTORE_MS + 1000;
/** One call of ip(8), which asks the kernel and ends. */
export const IP_COMMAND_MS = 2000;
/** For the kernel to remove a tunnel device whose process has ended. */
export const DEVICE_GONE_MS = 2000;
/** To note the network, or to restore it. */
export const NETWORK_MS = DEVICE_GONE_MS + 4 * IP_COMMAND_MS;

/**
 * The head start of a delivery attempt: for so long no gateway is tested. Most mail servers need less than a second for a mail. A slow
 * one is waited for while the next site is tested.
 */
export const HEAD_START_MS = 5000;

/** To create a cell: 25 ms, and 0.5 s while 40 others are created (measured). */
export const CELL_OPEN_MS = 10_000;
/** For all processes of a cell to end: 4 ms (measured), unless one is stuck in the kernel. */
export const CELL_CLOSE_MS = 2000;
/** How long a log-in waits for others at the longest, so that they do not slow each other. */
export const LOGIN_WAIT_MS = 60_000;

/** For the program that asks a target to start and to end, beyond the time that the target has. */
export const TARGET_START_MS = 4000;

/** How often each control target of `uplink` is asked before it counts as silent: one lost packet is not a line that is down. */
export const UPLINK_TRIES = 3;
/** For one answer of a control target, in seconds. */
export const UPLINK_TRY_SECONDS = 3;
/** To ask the control targets, and time for the programs that ask. */
export const UPLINK_MS = UPLINK_TRIES * UPLINK_TRY_SECONDS * 1000 + 11_000;

/** For the clean-up of a stop that is forced: enough for SIGTERM and SIGKILL. */
export const FORCED_CLEANUP_MS = 4000;
/** For systemd-notify at the end. */
export const LAST_NOTICE_MS = 1000;
/** To close the log: 10,000 waiting lines need 0.3 s (measured). */
export const LOG_CLOSE_MS = 1500;
/** For a reader to take what was written to a pipe before the process exits. */
export const OUTPUT_GRACE_MS = 1000;
/** For files without a limit of their own at the end, such as state and rows. */
export const LAST_FILES_MS = 500;

/** The shortest time between two watchdog notices to systemd: each is a process. */
export const ALIVE_EVERY_MS = 5000;
