# shellcheck shell=bash source=.ci/common.sh
# AddressSanitizer with leaks, and UndefinedBehaviorSanitizer. The faults suite is its own ptrace harness.
. .ci/common.sh
export ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
TEST_ARGS=(--no-suite faults --no-suite refused)
meson_leg sanitize -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all
