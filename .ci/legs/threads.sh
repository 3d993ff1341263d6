# shellcheck shell=bash source=.ci/common.sh
# Runs the tests with threads under ThreadSanitizer. One calls every public function from many threads at
# once. ThreadSanitizer must find the race in a build without the fork lock's mutex.
#
# It mistakes a child of fdi_spawn, which shares memory, for the thread that created it. Descriptors that
# the child closes in its own table then look closed by the parent, and its calls never return. So churn,
# which starts thousands of children, does not run here, and leaked threads are not reported.
# test_inherit_linux is excluded too, because its one thread runs alone.
. .ci/common.sh
export TSAN_OPTIONS=report_thread_leaks=0:halt_on_error=1:exitcode=66 CMOCKA_MESSAGE_OUTPUT=TAP
build=$ci_dir/threads
programs=(test_threads_linux{,_fork_lock} test_socket_posix{,_fork_lock} test_inherit_posix test_wait_posix)
{
    [ -d "$build" ] || meson setup "$build" -Dwerror=true -Db_sanitize=thread -Db_lundef=false
    ninja -C "$build" tests/{list_fds,report_child} tests/posix/fork_lock "${programs[@]/#/tests/posix/}"
} || exit 1

# The test calls every function, directly or through operations.c.
every_function_is_called() {
    local name names
    names=$(sed -n 's/^FDI_API .*[ *]\(fdi_[a-z0-9_]*\)(.*/\1/p' include/fdinherit.h)
    [ "$(wc -w <<<"$names")" -ge 60 ] || return 1
    for name in $names; do
        grep -q "\b$name(" tests/posix/test_threads_linux.c tests/support/operations.c || { echo "not called: $name" && return 1; }
    done
}
check "every public function is called" every_function_is_called
for program in "${programs[@]}"; do check_tap timeout 60 "$build/tests/posix/$program"; done
check "the fork lock" timeout 60 "$build/tests/posix/fork_lock" 3 none

# Only the mutex protects the signal mask that a fork saves.
unguarded=$ci_dir/threads-unguarded
rm -rf "$unguarded"
mkdir -p "$unguarded"
cp -r src include tests "$unguarded"
sed -i '/pthread_mutex_\(un\)\?lock(&lock)/d' "$unguarded/src/posix/fork_lock_posix.c"
check "the lock is removed" test "$(grep -c pthread_mutex "$unguarded/src/posix/fork_lock_posix.c")" = 1
check "builds without the lock" gcc -std=c11 -g -O1 -fsanitize=thread -DFDI_NO_ATOMIC_CALLS -DFDI_VERIFY_CLOEXEC -pthread \
    -I"$unguarded/include" -o "$unguarded/fork_lock" "$unguarded"/src/*.c "$unguarded"/src/posix/*.c \
    "$unguarded/tests/posix/fork_lock.c"
race_is_found() {
    timeout 60 "$unguarded/fork_lock" 3 some >"$unguarded/said" 2>&1
    [ $? = 66 ] && grep -q 'SUMMARY: ThreadSanitizer: data race .*fork_lock_posix.c' "$unguarded/said"
}
check "the race without the lock is found" race_is_found
checks_end
