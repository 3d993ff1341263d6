# shellcheck shell=bash source=.ci/common.sh
# Makes every system call of every function fail in turn with every error. The fallbacks run as on an
# older kernel, in a sandbox and without /proc. Children are slow, so they skip some combinations. Two
# programs run at a time.
. .ci/common.sh
check "test builds" meson_build test
run() { timeout 300 "$ci_dir/test/tests/faults/faults" "$2" "$1" >"$ci_dir/faults-$1.tap"; }
run children 3 &
for group in operations absolute creators; do run $group 6; done
wait
for group in children operations absolute creators; do check_tap cat "$ci_dir/faults-$group.tap"; done
total=$(awk '/^# [0-9]+ injections/ { total += $2 } END { print total }' "$ci_dir"/faults-*.tap)
check "$total injections" test "$total" -ge 15000
checks_end
