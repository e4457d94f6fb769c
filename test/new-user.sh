#!/bin/bash
# The first hour of a new user, for real: on a machine with Debian, systemd, Node and a clone of this repository, what stands
# in the code blocks of README.md is typed at a terminal, in its order, up to a report in a browser. The machine is a new root file system in
# namespaces of its own; its network leads to the real gateways of test/real/lab and a real mail server, and while packages
# are installed, to the registries.
#
#   test/new-user.sh FOLDER      as root, on Debian, after npm run test:real; needs tmux
#
# FOLDER gets the transcript that is docs/first-hour.md, the report, and pictures of it, to be looked at: report-top.png is
# the one in that document. About 800 MB in TMPDIR are removed at the end, and 10 minutes pass.
set -euo pipefail
repository=$(realpath "$(dirname "$0")/..")
. "$repository/test/support/bare-debian.sh"
[ "$(id -u)" -eq 0 ] || { echo "new-user: run it as root" >&2; exit 1; }
mkdir -p "${1:?where to write the transcript}"
target=$(realpath "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/new-user.XXXXXX")
cd "$work"
terminal() { tmux -u -L "${work##*/}" -f /dev/null "$@"; }
started=()
init=
tidy() {
  terminal kill-server 2>/dev/null || true
  # unshare heeds no TERM; with the first process of the machine all of it ends.
  [ -z "$init" ] || kill -KILL "$init" 2>/dev/null || true
  kill -TERM "${started[@]}" 2>/dev/null || true
  wait "${started[@]}" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap tidy EXIT

# fail WORDS: with what stands on the terminal, and the journal of the machine's service.
fail() {
  echo "new-user: $1" >&2
  [ -z "${pane:-}" ] || terminal capture-pane -t "$pane" -p -S -100 >&2 || true
  [ -z "$init" ] || "${enter[@]}" journalctl --no-pager -u vpn-monitor -n 40 >&2 || true
  exit 1
}

# until_ DEADLINE WORDS COMMAND: tries it until it holds.
until_() {
  local deadline=$((SECONDS + $1)) words=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain until $words"
    sleep 0.2
  done
}

echo "making the machine"
# Debian 13 has the Node that the package depends on.
make_bare_debian "$work/base" systemd,dbus,git trixie
git clone --quiet --no-hardlinks "$repository" base/root/vpn-monitor
echo vpnhost >base/etc/hostname
echo '127.0.0.1 localhost vpnhost' >base/etc/hosts

echo "starting the gateways and the mail server"
node "$repository/test/real/lab/hold.mjs" >lab.json &
started+=($!)
until_ 60 "the gateways are up" test -s lab.json
lab() { node -p "const { folder, init, gateways: [gw] } = JSON.parse(require('fs').readFileSync('$work/lab.json')); $1"; }
outside=$(lab init)
nsenter -t "$outside" --mount --net -- node "$repository/test/fixtures/mail-server.mjs" 2525 "$work/mails" >/dev/null &
started+=($!)

# The machine's first process is a real systemd. All the mounts are its own and go with it.
export MACHINE=$repository/test/support/machine.sh
boot='set -e
. "$MACHINE"
run_machine "$1" bash -c "$2" bash "$1"
wait "$machine" || true
tidy_machine "$1"'
inside='set -e
. "$MACHINE"
mkdir "$1/written"
mount_machine "$1/machine" "$1/base" "$1/written"
hostname vpnhost
boot_machine "$1/machine" new-user multi-user.target "$1"'
nsenter -t "$outside" --net -- unshare --mount bash -c "$boot" bash "$work" "$inside" 2>boot.log &
started+=($!)
found() { init=$(pgrep -f "systemd --system .*--log-target=journal $work\$"); }
until_ 30 "systemd is there" found
enter=(nsenter -t "$init" --mount --uts --ipc --pid --cgroup --root --wd)
up() { "${enter[@]}" --net systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; }
until_ 60 "systemd is up" up

# A shell on a terminal of 80 columns; it notes the status of each command.
mapfile -t network < <(network_environment)
shell=(/usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root
  TERM=xterm-256color LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive SYSTEMD_PAGER= "PROMPT_COMMAND=echo \$? >>/run/statuses" "${network[@]}"
  bash --norc -i)
commands=0
shells=0
pane=
sit_down() {
  rm -f "/proc/$init/root/run/statuses"
  commands=0
  [ -z "$pane" ] || terminal kill-session -t "$pane"
  # A server without a session would end, and the next one meet its socket.
  pane=shell$((++shells))
  terminal new-session -d -s idle cat \; set-option -g history-limit 20000 2>/dev/null || true
  terminal new-session -d -s "$pane" -x 80 -y 45 "$(printf '%q ' "${enter[@]}" "$@" -- "${shell[@]}")"
  until_ 20 "there is a prompt" prompted 1
  run "PS1='# '; cd; clear"
}
prompted() { [ "$(cat "/proc/$init/root/run/statuses" 2>/dev/null | wc -l)" -ge "$1" ]; }
type_() { terminal send-keys -t "$pane" -l -- "$1"; terminal send-keys -t "$pane" Enter; }
# run COMMAND [STATUS]
run() {
  local wanted=${2:-0} status
  commands=$((commands + 1))
  type_ "$1"
  until_ 300 "'$1' has ended" prompted $((commands + 1))
  status=$(sed -n "$((commands + 1))p" "/proc/$init/root/run/statuses")
  [ "$status" = "$wanted" ] || fail "status $status of '$1', not $wanted"
}

# readme COMMAND [STATUS]: runs what must stand in a code block of README.md, a line of its own but for a comment.
sed -n '/^```/,/^```/p' "$repository/README.md" | sed -e 's/^\$ //' -e 's/  *#.*//' >readme-commands
readme() {
  grep -qxF -- "$1" readme-commands || { echo "new-user: not in a code block of README.md: $1" >&2; exit 1; }
  run "$@"
}

# step WORDS: what is typed from here on is one piece of the transcript. Ends the piece before.
document=$target/first-hour.md
words=
step() {
  end_step
  words=$1
  filter=${2:-cat}
  run clear
  terminal clear-history -t "$pane"
}
end_step() {
  [ -n "$words" ] || return 0
  # Without the prompt that waits at the end.
  {
    printf '\n%s\n\n```\n' "$words"
    screen | sed 's/ *$//' | $filter | awk '{ line[NR] = $0; if ($0 !~ /^#?$/) last = NR } END { for (i = 1; i <= last; i++) print line[i] }'
    printf '```\n'
  } >>"$document"
  words=
}
screen() { terminal capture-pane -t "$pane" -J -p -S -; }
shows() { screen | grep -v '^ *$' | tail -n 1 | grep -qF -- "$1"; }
# answer_all: answers the questions of the command that was typed, until it ends. Enter answers those that are not listed.
answer_all() {
  local deadline=$((SECONDS + 180)) asked= line answer
  until prompted $((commands + 1)); do
    [ "$SECONDS" -lt "$deadline" ] || fail 'init does not end'
    line=$(terminal capture-pane -t "$pane" -J -p | sed 's/ *$//' | grep -v '^$' | tail -n 1)
    if [ "$line" != "$asked" ] && [[ $line == *: ]]; then
      asked=$line
      case $line in
        Name\ *) answer=berlin ;;
        VPN\ client*) answer=openconnect ;;
        Gateway\ to\ log\ in\ to*) answer=$(lab gw.external) ;;
        Username*) answer=$(lab gw.username) ;;
        Password*) answer=$(lab gw.password) ;;
        *through\ the\ tunnel*) answer=$(lab gw.internal) ;;
        Mail\ server*) answer=localhost:2525 ;;
        From\ *) answer=vpn-monitor@example.com ;;
        To\ *) answer=noc@example.com ;;
        *) answer= ;;
      esac
      type_ "$answer"
    fi
    sleep 0.2
  done
}

echo "typing"
cat >"$document" <<'END'
# The first hour

What a new user sees who follows [README.md](../README.md) on a machine with Debian 13, systemd, Node and a clone. test/new-user.sh typed this at a terminal of 80 columns, as root, and wrote down what came: the gateway is a real ocserv in a network namespace, the
client a real openconnect, the mail server a real one on loopback.
END
typed() { grep '^# '; }
shortened() { grep -v '^npm notice [^t]\|^npm notice total\|^$'; }

sit_down
step 'Install it from the clone (what npm and the build print is shortened). The install scripts that npm has not run are not needed:' shortened
run 'node --version'
run 'cd vpn-monitor'
readme 'npm pack && npm install -g ./vpn-monitor-*.tgz'
end_step

sit_down --net
step 'Configure it. The password is typed and not shown:'
readme 'mkdir -p /opt/vpn-monitor && cd /opt/vpn-monitor'
grep -qxF 'vpn-monitor init' readme-commands
commands=$((commands + 1))
type_ 'vpn-monitor init'
answer_all
step 'Is everything there? Not yet, and each remedy can be typed as it is:'
readme 'vpn-monitor check' 1
remedies=$(screen | sed -n 's/.*apt-get install \([a-z0-9-]*\).*/\1/p' | sort -u | xargs)
end_step

sit_down
step 'So (what apt-get says is left out):' typed
run "apt-get install -y $remedies"
end_step

sit_down --net
run 'cd /opt/vpn-monitor'
step 'Now:'
readme 'vpn-monitor check'
readme 'vpn-monitor test-notify'
readme 'vpn-monitor once' 1
pin=$(screen | grep -o 'pin-sha256:[^ ]*' | tail -n 1)
step "The gateway's certificate is signed by nobody this host knows. Its administrator says that the pin is right, so it goes into config.yml (troubleshooting in README.md); and so that this hour is short, a cycle takes 20 s instead of 10 minutes:"
run "sed -i -e 's|#server_cert: pin-sha256:\.\.\.|server_cert: $pin|' -e 's/^frequency: .*/frequency: 20/' config.yml"
readme 'vpn-monitor once'
step 'Run it under systemd:'
readme 'vpn-monitor systemd >/etc/systemd/system/vpn-monitor.service'
readme 'systemctl daemon-reload && systemctl enable --now vpn-monitor'
tested() { [ "$(cat "/proc/$init/root/opt/vpn-monitor/results/"*.csv | grep -c "$1")" -ge "$2" ]; }
until_ 120 "it has tested twice" tested SUCCESS 3
run 'systemctl status --lines 0 vpn-monitor'
run 'vpn-monitor status'

gateway() { nsenter -t "$outside" --mount --net -- nsenter --net=/run/netns/gw1 "$@"; }
mail() { tr -d '\r' <"$work/mails/$1.eml" | sed -e ':a' -e '/=$/{N;s/=\n//;ba' -e '}' | sed -n '/^Subject/p; /^$/,$p'; }
has_mail() { [ -e "$work/mails/$1.eml" ]; }
gateway ip link set wan down
until_ 180 "two failures made a mail" has_mail 2
step 'Somebody pulls the plug of the gateway:'
run 'vpn-monitor status' 1
end_step
{ printf '\nThe second failure has sent this mail:\n\n```\n'; mail 2; printf '```\n'; } >>"$document"
gateway sh -c 'ip link set wan up && ip route add default via 10.77.0.1'
until_ 180 "the recovery made a mail" has_mail 3
{ printf '\nAnd this, when it is plugged in again:\n\n```\n'; mail 3; printf '```\n'; } >>"$document"

step 'Afterwards:'
run 'vpn-monitor status'
run 'tail -n 4 results/result_*.csv'
run 'vpn-monitor report --output /root/report.html'
cp "/proc/$init/root/root/report.html" "$target/report.html"
end_step
printf '\n%s\n' '![The top of that report in a browser](images/first-hour.png)' >>"$document"
step 'As an ordinary user, by the commands that the head of the unit names:'
run 'systemctl stop vpn-monitor'
run 'vpn-monitor systemd --user vpnmon >/etc/systemd/system/vpn-monitor.service'
run "sed '/Unit/,\$d' /etc/systemd/system/vpn-monitor.service"
mapfile -t once < <(sed -n '/^\[Unit\]/q; s/^#   //p' "/proc/$init/root/etc/systemd/system/vpn-monitor.service")
for command in "${once[@]}"; do run "$command"; done
before=$(cat "/proc/$init/root/opt/vpn-monitor/results/"*.csv | grep -c SUCCESS)
run 'systemctl daemon-reload && systemctl start vpn-monitor'
until_ 120 "the ordinary user has tested" tested SUCCESS $((before + 1))
run 'ps -o user,args -C node'
run 'vpn-monitor status'
run 'systemctl stop vpn-monitor'
end_step

sit_down
step 'In a folder of its own, without -g, it is npx:'
run "mkdir /srv/monitor && cd /srv/monitor && npm init -y >/dev/null"
run 'npm install --silent /root/vpn-monitor/vpn-monitor-*.tgz'
run 'npx --no vpn-monitor -- --version'
end_step

sit_down
step 'The same as a Debian package, in the place of what npm installed (what npm and apt-get say is left out). It brings Debian'"'"'s Node, ping and ps:' typed
run 'systemctl disable vpn-monitor && rm /etc/systemd/system/vpn-monitor.service'
run 'npm uninstall -g vpn-monitor'
run 'cd vpn-monitor'
readme 'contrib/debian/build.sh'
grep -qxF 'apt-get install ./vpn-monitor_*.deb' readme-commands
commands=$((commands + 1))
type_ 'apt-get install ./vpn-monitor_*.deb'
until_ 300 "apt-get asks whether to go on" shows '[Y/n]'
type_ ''
until_ 300 "the package is installed" prompted $((commands + 1))
run 'vpn-monitor --version'
end_step

sit_down --net
step 'Its README.Debian has the steps. The questions of init are those of above:' typed
commands=$((commands + 1))
type_ 'vpn-monitor init /etc/vpn-monitor'
answer_all
run "sed -i -e 's|^\( *dir:\) results|\1 /var/lib/vpn-monitor|' -e 's|#server_cert: pin-sha256:\.\.\.|server_cert: $pin|' -e 's/^frequency: .*/frequency: 20/' /etc/vpn-monitor/config.yml"
run 'chown vpn-monitor /etc/vpn-monitor/config.yml'
run 'vpn-monitor check -c /etc/vpn-monitor/config.yml'
run 'vpn-monitor test-notify -c /etc/vpn-monitor/config.yml'
run 'vpn-monitor once -c /etc/vpn-monitor/config.yml'
run 'systemctl enable --now vpn-monitor'
packaged() { [ "$(cat "/proc/$init/root/var/lib/vpn-monitor/"*.csv 2>/dev/null | grep -c SUCCESS)" -ge 2 ]; }
until_ 120 "the packaged service has tested" packaged
step 'And then:'
run 'ps -o user,args -C node'
run 'vpn-monitor check -c /etc/vpn-monitor/config.yml'
run 'vpn-monitor status -c /etc/vpn-monitor/config.yml'
end_step
gateway ip link set wan down
# The fourth is that of test-notify.
until_ 180 "the packaged service has sent a mail" has_mail 5
{ printf '\nThe plug of the gateway is pulled once more. Its first mail begins:\n\n```\n'; mail 5 | head -n 9; printf '```\n'; } >>"$document"

echo "looking at the report"
node "$repository/test/real/support/pictures.mjs" "$target/report.html" "$target"
! grep -nF "$(lab gw.password)" "$document" "$target/report.html" || { echo "new-user: the password is shown" >&2; exit 1; }
echo "look at $target"
