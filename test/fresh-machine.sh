#!/bin/bash
# Proves the two commands of README.md on machines that have Node and nothing else of the project: no node_modules, no
# ping, no ps. Each machine is a new Debian root file system (debootstrap --variant=minbase), entered with chroot in
# namespaces of its own for mounts and processes; only the network is the host's.
#
#   test/fresh-machine.sh [REPOSITORY]      as root, on Debian; about 700 MB in TMPDIR, which are removed at the end
#
# Mirrors, registries, proxies and certificates are those of the host, copied when this runs.
set -euo pipefail
repository=$(realpath "${1:-$(dirname "$0")/..}")
[ "$(id -u)" -eq 0 ] || { echo "fresh-machine: run it as root" >&2; exit 1; }
if [ -z "${FRESH_MACHINE:-}" ]; then
  # Mounts and processes go with the namespaces, whatever happens; then the folder can be removed.
  FRESH_MACHINE=$(mktemp -d "${TMPDIR:-/tmp}/fresh-machine.XXXXXX")
  export FRESH_MACHINE
  trap 'rm -rf --one-file-system "$FRESH_MACHINE"' EXIT
  unshare --mount --propagation private --pid --fork --kill-child "$0" "$repository"
  exit
fi
. "$repository/test/support/bare-debian.sh"
cd "$FRESH_MACHINE"
base=$PWD/base

make_base() {
  make_bare_debian "$base"
  chroot "$base" useradd --create-home --shell /bin/bash ordinary
  local home
  for home in root home/ordinary; do
    [ ! -e ~/.npmrc ] || install -m 644 ~/.npmrc "$base/$home/.npmrc"
    git clone --quiet --no-hardlinks "$repository" "$base/$home/vpn-monitor"
  done
  chroot "$base" chown -R ordinary: /home/ordinary
}

# A machine is the base with a layer of its own on top.
machine() {
  machine=$PWD/$1
  mkdir -p "$machine" "$1.upper" "$1.work"
  mount -t overlay -o "lowerdir=$base,upperdir=$machine.upper,workdir=$machine.work" overlay "$machine"
  mount -t proc proc "$machine/proc"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$machine/dev/pts"
  ln -sf pts/ptmx "$machine/dev/ptmx"
  mount -t tmpfs shm "$machine/dev/shm"
}

# As a user who has just logged in; only what leads to the network is taken over from here.
as() {
  local user=$1 home network
  shift
  if [ "$user" = root ]; then home=/root; else home=/home/$user; fi
  mapfile -t network < <(network_environment)
  (cd / && chroot --userspec="$user:$user" --groups= "$machine" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
    HOME="$home" USER="$user" LANG=C.UTF-8 "${network[@]}" bash -c "cd ~/vpn-monitor && $*" </dev/null) 2>&1
}

failures=0
# must STATUS USER COMMAND
must() {
  local wanted=$1 user=$2 status=0
  shift 2
  printf '\n== %s, %s: %s\n' "$(basename "$machine")" "$user" "$*"
  as "$user" "$@" | tee last.log || status=$?
  printf '== status %s\n' "$status"
  if [ "$status" -ne "$wanted" ]; then
    printf '== WRONG: status %s was expected\n' "$wanted"
    failures=$((failures + 1))
  fi
}
bare='! command -v ping && ! command -v ps && ! test -e node_modules && ! test -e dist && node --version && npm --version'

echo "== making a root file system from $repository at $(git -C "$repository" rev-parse --short HEAD)"
make_base

machine for-demo
must 0 root "$bare"
must 0 root npm run demo
must 0 root npm run demo

machine for-test
must 0 root "$bare"
must 0 root npm test

machine for-ordinary-user
must 0 ordinary "$bare"
must 1 ordinary npm test
must 1 ordinary npm run demo
command=$(sed -n 's/^set-up:   //p' last.log)
must 0 root "$command"
must 0 ordinary npm run demo
must 0 ordinary npm test

printf '\n== %s\n' "$([ "$failures" -eq 0 ] && echo 'all as it should be' || echo "$failures not as they should be")"
[ "$failures" -eq 0 ]
