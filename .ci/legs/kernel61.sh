# shellcheck shell=bash source=.ci/common.sh
# Boots a real older kernel, Debian's user-mode Linux 6.1, on this file system with its own ext4 on /tmp.
# It runs the tests that .ci/test built. churn and cancel are excluded, because they take minutes there.
# Tests without /proc are excluded, because they behave the same on every kernel. No test has the console.
. .ci/common.sh
meson_build test || exit 1
build=$ci_dir/test disk=$ci_dir/kernel61.ext4 init=$ci_dir/kernel61.init said=$ci_dir/kernel61.said
suites=(--suite unit --suite posix --suite exact --suite refused)
names=$(meson test -C "$build" --no-rebuild --list "${suites[@]}" 2>/dev/null |
    sed -n 's,.* / ,,p' | grep -vE '^churn|^command|^cancel|no_proc$' | tr '\n' ' ')
truncate -s 256M "$disk" && /sbin/mkfs.ext4 -q -F "$disk" || exit 1
cat >"$init" <<END
#!/bin/bash
exec </dev/null >$said.console 2>&1
export HOME=$HOME PATH=$PATH:/usr/sbin:/sbin
mount -t proc none /proc || exit 1 # its root is this machine's: the last lines would power that off
mount -t devtmpfs none /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts none /dev/pts
ln -s /proc/self/fd /dev/fd
mount --bind / /mnt
mount -t ext4 /dev/ubda /tmp && chmod 1777 /tmp && ip link set lo up
for path in $top $ci_dir; do # either may be below /tmp
    [ -e \$path ] || { mkdir -p \$path && mount --bind /mnt\$path \$path; }
done
uname -r >$said
ulimit -n 1048576
cd $top && meson test -C $build --no-rebuild --print-errorlogs -t 10 ${suites[*]} $names >$said.log 2>&1 && echo passed >>$said
sync
echo o >/proc/sysrq-trigger
sleep 9
END
chmod +x "$init"
rm -f "$said" "$build/meson-logs/testlog.json"
timeout 500 linux.uml mem=512M ubda="$disk" root=/dev/root rootfstype=hostfs rootflags=/ rw quiet init="$init" \
    con=null con0=null,fd:1 </dev/null
rm -f "$disk"
cat "$said.console" "$said.log" "$said"
python3 .ci/count.py "$build"
grep -q '^6[.]1[.]' "$said" && grep -q '^passed$' "$said"
