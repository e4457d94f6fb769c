import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { missingPrograms } from '../../support/missing-programs.ts';

const PROGRAM = '/usr/bin/chromium';

const WAIT_MS = 200_000;

/** Why there is no browser to test with, with the command that installs one; `undefined` if there is. */
export function browserUnavailable(): string | undefined {
  return missingPrograms([PROGRAM]);
}

/** A browser that leaves nothing behind. */
export interface TestBrowser {
  /** Opens a file, or an address on 127.0.0.1, in a window of its own. */
  open(file: string, options?: BrowserContextOptions): Promise<OpenPage>;
  end(): Promise<void>;
}

/** A page, and what it did that nobody sees. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings, and what the policy forbade. */
  readonly complaints: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
}

/** Starts a Chromium without a window. It reaches 127.0.0.1 alone. */
export async function startBrowser(): Promise<TestBrowser> {
  const home = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-browser-'));
  const browser: Browser = await chromium.launch({
    executablePath: PROGRAM,
    env: { ...process.env, HOME: home, TMPDIR: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
  return {
    open: async (file, options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      // Playwright's own 30 s were seen to pass before a busy machine with two processors had opened a page.
      context.setDefaultTimeout(WAIT_MS);
      const page = await context.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(file.startsWith('http:') ? file : `file://${file}`);
      return { page, complaints, requests };
    },
    end: async () => {
      await browser.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
