# shellcheck shell=bash source=.ci/common.sh
# AddressSanitizer with leaks, and UndefinedBehaviorSanitizer. Not those that replace the kernel's
# answers: the sanitizers ask it too. Their handlers of signals would show in a child.
. .ci/common.sh
export ASAN_OPTIONS=abort_on_error=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:$ASAN_OPTIONS
TEST_ARGS=(--no-suite faults --no-suite refused --no-suite shield)
meson_leg sanitize -Db_sanitize=address,undefined -Dc_args=-fno-sanitize-recover=all
