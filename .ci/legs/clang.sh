# shellcheck shell=bash source=.ci/common.sh
# Tests a build by clang. The suites `faults`, `refused` and `consumers` do not depend on the compiler, so
# only the leg gcc runs them.
. .ci/common.sh
TEST_ARGS=(--no-suite faults --no-suite refused --no-suite consumers)
CC=clang meson_leg clang
