# shellcheck shell=bash source=.ci/common.sh
# Tests a release build by clang, optimised over all files. The suites `faults`, `refused` and `consumers` do
# not depend on the compiler, so only the legs gcc and clang-whole run them.
. .ci/common.sh
TEST_ARGS=(--no-suite faults --no-suite refused --no-suite consumers)
CC=clang CC_LD=lld meson_leg clang -Dbuildtype=release -Db_lto=true
