# shellcheck shell=bash source=.ci/common.sh
# ThreadSanitizer over the tests that have threads, every public function by many threads at once
# among them, and over a shield whose lock is left out, where it must find the race.
#
# It takes a child that shares memory, as fdi_spawn makes them, for the thread that made it: what
# such a child closes in its own table looks like the parent's doing, and its call stack is never left.
# So no churn here, which makes thousands of them, and no child's end is asked for leaked threads.
# Nor test_inherit_linux, whose one thread runs alone.
. .ci/common.sh
export TSAN_OPTIONS=report_thread_leaks=0:halt_on_error=1:exitcode=66 CMOCKA_MESSAGE_OUTPUT=TAP
build=$ci_dir/threads
programs=(test_threads_linux{,_shielded} test_socket_posix{,_shielded} test_inherit_posix test_wait_posix)
{
    [ -d "$build" ] || meson setup "$build" -Dwerror=true -Db_sanitize=thread -Db_lundef=false
    ninja -C "$build" tests/{list_fds,tell} tests/posix/shield "${programs[@]/#/tests/posix/}"
} || exit 1

# The test calls all that there is: by itself, or by what calls any operation.
every_function_is_called() {
    local name names
    names=$(sed -n 's/^FDI_API .*[ *]\(fdi_[a-z0-9_]*\)(.*/\1/p' include/fdinherit.h)
    [ "$(wc -w <<<"$names")" -ge 60 ] || return 1
    for name in $names; do
        grep -q "\b$name(" tests/posix/test_threads_linux.c tests/support/files.c || { echo "not called: $name" && return 1; }
    done
}
check "every public function is called" every_function_is_called
for program in "${programs[@]}"; do check_tap timeout 60 "$build/tests/posix/$program"; done
check "the shield" timeout 60 "$build/tests/posix/shield" 3 none

# What a fork keeps of the signals is guarded by that lock alone.
unguarded=$ci_dir/threads-unguarded
rm -rf "$unguarded"
mkdir -p "$unguarded"
cp -r src include tests "$unguarded"
sed -i '/pthread_mutex_\(un\)\?lock(&lock)/d' "$unguarded/src/posix/shield_posix.c"
check "the lock is left out" test "$(grep -c pthread_mutex "$unguarded/src/posix/shield_posix.c")" = 1
check "builds without the lock" gcc -std=c11 -g -O1 -fsanitize=thread -DFDI_NO_ATOMIC_CALLS -DFDI_MARK_AGAIN -pthread \
    -I"$unguarded/include" -o "$unguarded/shield" "$unguarded"/src/*.c "$unguarded"/src/posix/*.c \
    "$unguarded/tests/posix/shield.c"
race_is_found() {
    timeout 60 "$unguarded/shield" 3 some >"$unguarded/said" 2>&1
    [ $? = 66 ] && grep -q 'SUMMARY: ThreadSanitizer: data race .*shield_posix.c' "$unguarded/said"
}
check "the race without the lock is found" race_is_found
checks_end
