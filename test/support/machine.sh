# For whoever starts a real systemd as the first process of a machine of its own: source it in a bash that has mounts of
# its own (unshare --mount), so that the host sees none of these.

# run_machine FOLDER COMMAND...: COMMAND in namespaces of its own and in a control group, both of which are the machine's
# alone. Starts it and sets machine to its pid; when that has ended, tidy_machine FOLDER removes the group.
run_machine() {
  local group=$1/groups/${1##*/}
  mkdir "$1/groups"
  mount -t cgroup2 cgroup2 "$1/groups"
  mkdir "$group"
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    exec unshare --pid --fork --mount --uts --ipc --cgroup --kill-child=KILL "${@:2}"
  ) &
  machine=$!
}
tidy_machine() {
  until find "$1/groups/${1##*/}" -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.02; done
  umount "$1/groups"
}

# mount_machine ROOT FILES WRITTEN: the files of a machine in ROOT: those of FILES, of which nothing is changed, what is
# written goes to WRITTEN. Its kernel's settings can't be written, and what would reach beyond the machine (modules and
# the like are the whole kernel's) is masked.
mount_machine() {
  local root=$1 device unit
  mkdir "$root" "$3/upper" "$3/work"
  mount -t overlay -o "lowerdir=$2,upperdir=$3/upper,workdir=$3/work" overlay "$root"
  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/net"
  for device in null zero full random urandom tty net/tun; do
    [ -e "/dev/$device" ] || continue
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  for unit in modules-load sysctl binfmt udevd udev-trigger random-seed pstore hwdb-update; do
    ln -sf /dev/null "$root/etc/systemd/system/systemd-$unit.service"
  done
}

# boot_machine ROOT NAME TARGET WORD: turns into its systemd, which WORD tells from any other one.
boot_machine() {
  cd "$1"
  mkdir -p .old
  pivot_root . .old
  umount -l /.old
  # As at any boot: what systemd mounts for one service at a time (credentials) comes to it from elsewhere.
  mount --make-rshared /
  exec env -i "container=$2" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system "--unit=$3" --log-target=journal "$4"
}
