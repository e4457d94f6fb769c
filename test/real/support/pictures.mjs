// Pictures of a report, to be looked at: pictures.mjs REPORT FOLDER. Fails if the browser complains of anything.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const WINDOWS = {
  top: { viewport: { width: 1000, height: 560 } },
  light: { viewport: { width: 1000, height: 900 } },
  dark: { viewport: { width: 1000, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const [report, folder] = process.argv.slice(2);
const { module } = await runnerImport(fileURLToPath(new URL('browser.ts', import.meta.url)));
const browser = await module.startBrowser();
try {
  for (const [name, options] of Object.entries(WINDOWS)) {
    const { page, complaints } = await browser.open(report, options);
    await page.screenshot({ path: `${folder}/report-${name}.png`, fullPage: name !== 'top' });
    if (complaints.length > 0) throw new Error(`the browser complains: ${complaints.join('; ')}`);
  }
} finally {
  await browser.end();
}
