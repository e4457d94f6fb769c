// Makes a fresh clone ready for `npm run demo`, `test`, `bench` and `soak`: Debian packages, node modules, build.
// Silent when there is nothing to do. It must still parse on the Node versions it turns away: hence no static import.
const [major, minor] = process.versions.node.split('.').map(Number);
/** @type {any} */
const report = process.report;
// Without this the report resolves the addresses of open sockets.
if (report) report.excludeNetwork = true;

if (major < 20 || (major === 20 && minor < 19)) {
  refuse(
    `Node ${process.versions.node} is too old: vpn-monitor needs 20.19 or newer.`,
    'Install a newer one (https://nodejs.org/en/download) and look with `node --version`.',
  );
} else if (process.platform !== 'linux' || !report.getReport().header.glibcVersionRuntime) {
  refuse(
    'vpn-monitor runs on Linux with glibc only: node-pty has no build for other systems, and crashes with musl.',
    'Use a distribution with glibc, such as Debian; in containers node:20-bookworm-slim in place of node:20-alpine.',
  );
} else {
  void import('./setup/prepare.mjs').then(({ prepare }) => prepare());
}

function refuse(cause, remedy) {
  console.error(`set-up: ${cause}\nset-up: ${remedy}`);
  process.exitCode = 1;
}
