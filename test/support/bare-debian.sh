# For bash scripts that need a machine with Node and nothing else: source it, then make_bare_debian FOLDER [PACKAGES [SUITE]].

# Makes a Debian root file system (debootstrap --variant=minbase) with Node, npm and, where it is said so, more of Debian's
# packages (a,b). SUITE is the host's unless another one is named. Mirrors, registries, proxies and certificates are those of the host. Writes to the current folder too.
make_bare_debian() {
  local base=$1 packages=${2:-} mirror host_suite suite tool file
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | head -n 1)
  host_suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  suite=${3:-$host_suite}
  if ! command -v debootstrap >/dev/null; then
    # Unpacked, not installed: the host stays as it was.
    apt-get download -qq -o APT::Sandbox::User=root debootstrap && dpkg -x debootstrap_*.deb tools
    export DEBOOTSTRAP_DIR=$PWD/tools/usr/share/debootstrap
    tool=tools/usr/sbin/debootstrap
  fi
  "${tool:-debootstrap}" --variant=minbase ${packages:+"--include=$packages"} "$suite" "$base" "$mirror" >debootstrap.log 2>&1 ||
    { tail -n 20 debootstrap.log >&2; return 1; }

  for file in /etc/apt /etc/ssl/certs /usr/share/ca-certificates /usr/local/share/ca-certificates /usr/share/keyrings \
    /etc/hosts "$(npm config get globalconfig 2>/dev/null)"; do
    if [ -e "$file" ]; then mkdir -p "$base${file%/*}" && cp -a "$file" "$base${file%/*}/"; fi
  done
  if [ "$suite" != "$host_suite" ]; then
    # Only Debian's own sources name a suite that the other one has too.
    find "$base/etc/apt/sources.list.d" -type f ! -name 'debian.*' -delete
    find "$base/etc/apt" -name '*.list' -o -name '*.sources' | xargs sed -i "s/\\b$host_suite\\b/$suite/g"
  fi
  [ -e /etc/apt/sources.list ] || rm -f "$base/etc/apt/sources.list"
  rm -f "$base/etc/resolv.conf"
  cp -L /etc/resolv.conf "$base/etc/resolv.conf"
  # nodedir is for those who compile: npm warns of it, and here nobody does.
  [ ! -e ~/.npmrc ] || grep -v '^nodedir' ~/.npmrc >"$base/root/.npmrc"

  install "$(readlink -f "$(command -v node)")" "$base/usr/bin/node"
  mkdir -p "$base/usr/lib/node_modules"
  cp -r "$(npm root --global 2>/dev/null)/npm" "$base/usr/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/usr/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$base/usr/bin/npx"
}

# What leads to the network, as NAME=VALUE, a line each.
network_environment() {
  env | grep -iE '^((https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))=' || true
}
