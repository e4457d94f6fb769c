# A mail server of Debian in a world of its own: mail-server.sh EXTRACTED SERVER WAY FOLDER, as root. SERVER is postfix, exim4 or
# opensmtpd, in EXTRACTED/PACKAGE as dpkg -x leaves it: they can't be installed beside each other. It listens on 127.0.0.1:25 until it is
# ended, offers STARTTLS with FOLDER/cert.pem and FOLDER/key.pem and AUTH for monitor with the password `right`, and delivers mail to
# noc@example.com into the Maildir FOLDER/box/noc.
#
# WAY is `well`, `slow` (greets after 7 s), `greylists` (450 for each recipient) or `small` (no message above 300 bytes).
set -eu
extracted=$1 server=$2 way=$3 folder=$4

layers() {
  for package in "$extracted"/*; do
    if [ -d "$package$1" ]; then printf '%s:' "$package$1"; fi
  done
  printf '%s' "$1"
}
mount -t tmpfs tmpfs /mnt
mkdir /mnt/etc /mnt/etc-work /mnt/var /mnt/var-work
mount -t overlay overlay -o "lowerdir=$(layers /usr)" /usr
mount -t overlay overlay -o "lowerdir=$(layers /etc),upperdir=/mnt/etc,workdir=/mnt/etc-work" /etc
mount -t overlay overlay -o "lowerdir=$(layers /var),upperdir=/mnt/var,workdir=/mnt/var-work" /var
number=940
for user in postfix postdrop Debian-exim opensmtpd opensmtpq noc; do
  number=$((number + 1))
  echo "$user:x:$number:$number::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
  echo "$user:x:$number:" >>/etc/group
done
mkdir -p "$folder/box"
chown noc "$folder/box"
chmod 755 "$folder"
cp "$folder/cert.pem" "$folder/key.pem" /etc/ssl/
chmod 600 /etc/ssl/key.pem

with_postfix() {
  node "$(dirname "$0")/dovecot-auth.mjs" 12345 &
  # The sleep comes before the greeting, since clients are judged at once.
  restrictions=permit recipients=permit_auth_destination,reject limit=1000000
  case $way in
    slow) restrictions='sleep 7, permit' ;;
    greylists) recipients="check_recipient_access inline:{{noc@example.com = 450 4.2.0 greylisted}}, $recipients" ;;
    small) limit=300 ;;
  esac
  chown postfix /var/lib/postfix
  cat >/etc/postfix/main.cf <<MAIN
compatibility_level = 3.6
myhostname = mail.example.com
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
virtual_mailbox_domains = example.com
virtual_mailbox_base = $folder/box
virtual_mailbox_maps = inline:{noc@example.com=noc/}
virtual_uid_maps = static:$(id -u noc)
virtual_gid_maps = static:$(id -g noc)
smtpd_delay_reject = no
smtpd_client_restrictions = $restrictions
smtpd_recipient_restrictions = $recipients
smtpd_relay_restrictions = permit_auth_destination, reject
message_size_limit = $limit
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/ssl/cert.pem
smtpd_tls_key_file = /etc/ssl/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:12345
smtpd_tls_auth_only = yes
maillog_file = /var/log/mail-server.log
MAIN
  cat >/etc/postfix/master.cf <<'MASTER'
smtp      inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
virtual   unix  - n n - - virtual
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
MASTER
  postfix start-fg
}

with_exim4() {
  connect=accept limit=1M recipients='accept domains = example.com'
  case $way in
    slow) connect='accept delay = 7s' ;;
    greylists) recipients='defer message = greylisted, try again later' ;;
    small) limit=300 ;;
  esac
  mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
  chown Debian-exim /var/spool/exim4 /var/log/exim4
  cp /etc/ssl/*.pem /etc/exim4/
  chown Debian-exim /etc/exim4/key.pem
  cat >/etc/exim4/exim4.conf <<EXIM
primary_hostname = mail.example.com
local_interfaces = 127.0.0.1
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
never_users = root
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = $limit
tls_advertise_hosts = *
tls_certificate = /etc/exim4/cert.pem
tls_privatekey = /etc/exim4/key.pem
acl_smtp_connect = connected
acl_smtp_rcpt = recipient
begin acl
connected:
  $connect
recipient:
  $recipients
begin routers
box:
  driver = accept
  domains = example.com
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = $folder/box/noc
  maildir_format
  user = noc
  group = noc
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{monitor}}{eq{\$auth3}{right}}}}
  server_set_id = \$auth2
  server_advertise_condition = \${if def:tls_in_cipher}
EXIM
  exim4 -bdf -oX 127.0.0.1.25
}

with_opensmtpd() {
  limit=1M filter=
  case $way in
    slow)
      cat >/etc/ssl/slow.py <<'FILTER'
import sys, time
for line in sys.stdin:
    fields = line.rstrip("\n").split("|")
    if fields[0] == "config" and fields[1] == "ready":
        print("register|filter|smtp-in|connect", flush=True)
        print("register|ready", flush=True)
    elif fields[0] == "filter":
        time.sleep(7)
        print("filter-result|%s|%s|proceed" % (fields[5], fields[6]), flush=True)
FILTER
      chmod 644 /etc/ssl/slow.py
      filter='filter "way" proc-exec "/usr/bin/python3 /etc/ssl/slow.py"'
      ;;
    greylists) filter='filter "way" phase rcpt-to match rcpt-to { "noc@example.com" } reject "450 4.2.0 greylisted"' ;;
    small) limit=300 ;;
  esac
  mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
  chmod 711 /var/spool/smtpd
  echo "monitor $(smtpctl encrypt right)" >/etc/ssl/credentials
  chmod 644 /etc/ssl/credentials
  cat >/etc/ssl/smtpd.conf <<SMTPD
pki mail.example.com cert "/etc/ssl/cert.pem"
pki mail.example.com key "/etc/ssl/key.pem"
table credentials file:/etc/ssl/credentials
smtp max-message-size "$limit"
$filter
listen on 127.0.0.1 port 25 hostname mail.example.com tls pki mail.example.com auth-optional <credentials>${filter:+ filter "way"}
action "box" maildir "$folder/box/noc" virtual { "@" = noc }
match from any for domain "example.com" action "box"
SMTPD
  chmod 600 /etc/ssl/smtpd.conf
  smtpd -d -f /etc/ssl/smtpd.conf
}

"with_$server"
