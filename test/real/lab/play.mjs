// npm run lab: three real gateways and the monitor running against them, until ctrl-C.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('play.ts', import.meta.url)));
process.exitCode = await module.play();
