#!/bin/bash
# Builds a Debian package of a clone, ready to install with apt: contrib/debian/build.sh [FOLDER]. Prints its path.
#
# It needs Node, npm and dpkg-deb, and no root; the maintainer is DEBEMAIL. The package holds the program with its node modules, and depends on
# Debian's nodejs. README.md says where to get that on Debian 12.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(realpath "${1:-.}")
work=$(mktemp -d "${TMPDIR:-/tmp}/vpn-monitor-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
lib=$root/usr/lib/vpn-monitor
doc=$root/usr/share/doc/vpn-monitor
umask 022

version=$(node -p "require('./package.json').version")
architecture=$(dpkg --print-architecture)
maintainer="the vpn-monitor authors <${DEBEMAIL:-vpn-monitor@example.com}>"
date=$(git log -1 --format=%cs 2>/dev/null || date +%F)

# What npm packs, and the modules of the lock file. Nothing is compiled: only node-pty's build for this architecture stays.
mkdir -p "$lib" "$doc"
npm pack --silent --pack-destination "$work" >/dev/null
tar -xzf "$work"/vpn-monitor-*.tgz -C "$lib" --strip-components=1 --no-same-owner
cp package-lock.json "$lib/"
(cd "$lib" && npm ci --silent --omit=dev --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund)
prebuilds=$lib/node_modules/node-pty/prebuilds
find "$prebuilds" -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" -exec rm -r {} +
(cd "$lib/node_modules" && rm -rf node-pty/{third_party,deps,src,scripts,binding.gyp} node-addon-api js-yaml/bin .bin \
  .package-lock.json ../package-lock.json)
# What developers of the modules need.
find "$lib/node_modules" -type f -regextype posix-extended \
  -regex '.*/([^/]*\.([cm]?ts|map|md|markdown|yml|gypi?|h|exe)|\.[^/]*|Makefile)' -delete
find "$lib/node_modules" -type d \( -name test -o -name tests -o -name .github -o -name examples \) -prune -exec rm -r {} +
find "$lib" -type d -empty -delete
find "$lib" -type f -exec chmod 644 {} +
chmod 755 "$lib"/dist/main.js "$lib"/dist/demo/simulated-client.js

mv "$lib"/{README.md,docs,contrib} "$doc/"
mv "$lib/CHANGELOG.md" "$doc/"
rm "$lib/LICENSE"
gzip -9n >"$doc/changelog.gz" <<CHANGELOG
vpn-monitor ($version) unstable; urgency=medium

  * Built from a clone. CHANGELOG.md in this folder lists what changed.

 -- $maintainer  $(date -R -d "$date")
CHANGELOG
cp contrib/debian/copyright "$doc/copyright"
cp contrib/debian/README.Debian "$doc/README.Debian"
mkdir -p "$root/usr/bin" "$root/etc/vpn-monitor"
ln -s ../lib/vpn-monitor/dist/main.js "$root/usr/bin/vpn-monitor"

# The unit is the one that the program prints for an ordinary user and a client with a tunnel, without this host's names.
unit=$root/usr/lib/systemd/system/vpn-monitor.service
mkdir -p "${unit%/*}"
cat >"$work/config.yml" <<'CONFIG'
frequency: 600
logging: { dir: /var/lib/vpn-monitor, file: result }
sites:
  site1: { external_ip: 192.0.2.10, vpn_gw: site1.example.com, username: u, password: p, internal_ip: 10.0.0.1, client: openconnect }
CONFIG
{
  echo '# For openconnect and openvpn, as the user vpn-monitor. For Connect Tunnel, or for rights that fit your config exactly, print'
  echo '# your own, which takes its place: vpn-monitor systemd -c /etc/vpn-monitor/config.yml >/etc/systemd/system/vpn-monitor.service'
  node "$lib/dist/main.js" systemd --user vpn-monitor -c "$work/config.yml" 2>/dev/null |
    sed -e '1,/^\[Unit\]/{/^#/d;/^$/d}' -e "s|$work/config.yml|/etc/vpn-monitor/config.yml|g" \
      -e "s|^ExecStart=[^ ]* [^ ]*|ExecStart=/usr/bin/node /usr/lib/vpn-monitor/dist/main.js|" \
      -e 's|^After=|ConditionPathExists=/etc/vpn-monitor/config.yml\n&|' -e '/No PrivateTmp/c PrivateTmp=yes' \
      -e '/^Environment=.*PATH=/d'
} >"$unit"

mkdir -p "$root/usr/lib/sysusers.d" "$root/usr/share/bash-completion/completions" "$root/usr/share/man/man1"
echo 'u vpn-monitor - "Monitor of VPN gateways" /var/lib/vpn-monitor' >"$root/usr/lib/sysusers.d/vpn-monitor.conf"
node "$lib/dist/main.js" completion bash >"$root/usr/share/bash-completion/completions/vpn-monitor"
node contrib/debian/man-page.mjs "$version" "$date" | gzip -9n >"$root/usr/share/man/man1/vpn-monitor.1.gz"
mkdir -p "$root/usr/share/lintian/overrides"
cp contrib/debian/lintian-overrides "$root/usr/share/lintian/overrides/vpn-monitor"

mkdir "$root/DEBIAN"
for script in postinst prerm postrm; do install -m 755 "contrib/debian/$script" "$root/DEBIAN/$script"; done
cat >"$root/DEBIAN/control" <<CONTROL
Package: vpn-monitor
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Depends: nodejs (>= 20.19), libc6 (>= 2.28), libgcc-s1, libstdc++6, iproute2, iputils-ping, procps, systemd
Recommends: openconnect | openvpn
Description: test SSL VPN gateways as their users do
 At every interval vpn-monitor pings each gateway, logs in with the VPN client's
 own command line, checks that something inside the network answers, and logs
 out. It writes a row for each test to a daily CSV file, and sends one mail when
 a site fails twice in a row and one when it is back.
CONTROL
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod 644 "$root/DEBIAN/md5sums" "$root/DEBIAN/control"

package=$target/vpn-monitor_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
