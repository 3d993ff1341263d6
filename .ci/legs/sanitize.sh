# shellcheck shell=bash source=.ci/common.sh
# Runs the tests with AddressSanitizer, including leaks, and UndefinedBehaviorSanitizer. Tests that replace
# kernel results are excluded, because the sanitizers make system calls too. The sanitizers' signal
# handlers are disabled, because a child would notice them.
. .ci/common.sh
export ASAN_OPTIONS=abort_on_error=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:$ASAN_OPTIONS
TEST_ARGS=(--no-suite faults --no-suite refused --no-suite fork_lock)
meson_leg sanitize -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all
