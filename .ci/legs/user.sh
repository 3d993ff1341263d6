# shellcheck shell=bash source=.ci/common.sh
# Tests the operations as an unprivileged user, on this kernel and on simulated older ones. No test and
# no fallback may depend on privileges.
. .ci/common.sh
check "test builds" meson_build test
programs=(test_{attributes,directory,functions,names,xattr}
    posix/test_{attributes,directory,exec,functions,names}_posix posix/test_{stat,xattr}_linux)
newer=(statx faccessat2 fchmodat2 openat2 execveat close_range clone3
    setxattrat getxattrat listxattrat removexattrat)
place=$(mktemp -d /tmp/fdinherit-user.XXXXXX) # accessible to a user without a home directory
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
for program in posix/seccomp_exec "${programs[@]}"; do cp "$ci_dir/test/tests/$program" "$place"; done
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}
for program in "${programs[@]}"; do
    name=${program##*/}
    check "$name" as_user "$place/$name"
    for proc in '' --no-proc; do
        for error in ENOSYS EPERM; do
            check "$name, newer calls $error $proc" \
                as_user "$place/seccomp_exec" ${proc:+"$proc"} $error "${newer[@]}" -- "$place/$name"
        done
    done
done
# fakeroot replaces C library functions. safe_cp must copy the owner that fakeroot pretends.
cp "$ci_dir/test/tests/examples/safe_cp" "$ci_dir"/test/src/libfdinherit.so.0 "$place"
owner_is_copied() {
    local work=$place/owner
    as_user mkdir "$work" && as_user fakeroot sh -c "cd $work && mkdir from && echo a >from/file &&
        chown 12:34 from/file && LD_LIBRARY_PATH=$place:\$LD_LIBRARY_PATH '$place/safe_cp' from to && stat -c %u:%g to/file" >"$ci_dir/owner" &&
        [ "$(cat "$ci_dir/owner")" = 12:34 ]
}
chmod 777 "$place"
check "fakeroot sees the operations" owner_is_copied
checks_end
