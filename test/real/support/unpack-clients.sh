#!/bin/bash
# Unpacks the VPN clients of another Debian release, with the libraries that they need, and installs nothing:
#
#   unpack-clients.sh SUITE FOLDER      bullseye, trixie, sid, ...; about 200 MB
#
# FOLDER/openconnect and FOLDER/openvpn then run them. The mirror is that of the host; scripts such as vpnc-script are the host's.
set -euo pipefail
suite=$1 folder=$2
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | head -n 1)
mkdir -p "$folder"/{root,apt/lists/partial,apt/cache/archives/partial,apt/etc/apt.conf.d,apt/etc/preferences.d}
cd "$folder"
touch apt/status
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >apt/etc/sources.list
# No package is installed there, so apt names every library. A mirror that is not up to date is good enough.
cat >apt/apt.conf <<END
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
Dir::Etc "$folder/apt/etc";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
APT::Sandbox::User "root";
END
export APT_CONFIG=$folder/apt/apt.conf
apt-get update -qq
apt-get install -qq -y --no-install-recommends --download-only openconnect openvpn >/dev/null
for package in apt/cache/archives/*.deb; do dpkg-deb -x "$package" root; done
rm -rf apt
# The link that programs name as their loader is an absolute one in older releases; this one is beside the C library.
loader=$(find "$folder/root" -path '*-linux-gnu*/ld-linux*' | head -n 1)
triplet=$(basename "$(dirname "$loader")")
libraries=$folder/root/lib/$triplet:$folder/root/usr/lib/$triplet:$folder/root/usr/lib/$triplet/libproxy
for client in openconnect openvpn; do
  printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$loader" "$libraries" "$folder/root/usr/sbin/$client" >"$client"
  chmod 755 "$client"
done
