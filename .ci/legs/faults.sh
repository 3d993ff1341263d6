# shellcheck shell=bash source=.ci/common.sh
# Every system call of every function fails in turn with every error, also those of the fallbacks:
# as on an older kernel, in a sandbox and without /proc (children, which cost most, not in all
# combinations). Two at a time.
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
