# shellcheck shell=bash source=.ci/common.sh
# Ten seconds of creating and forking: no leak with the shield, and some without it.
. .ci/common.sh
meson_build test || exit 1
check "no leak with the shield" "$ci_dir/test/tests/posix/shield" 10 none
check "leaks without the shield" "$ci_dir/test/tests/posix/shield_absent" 10 some
checks_end
