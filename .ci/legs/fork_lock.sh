# shellcheck shell=bash source=.ci/common.sh
# Creates descriptors and forks for ten seconds: with the fork lock nothing leaks, without it some do.
. .ci/common.sh
meson_build test || exit 1
check "no leak with the fork lock" "$ci_dir/test/tests/posix/fork_lock" 10 none
check "leaks without the fork lock" "$ci_dir/test/tests/posix/fork_lock_absent" 10 some
checks_end
