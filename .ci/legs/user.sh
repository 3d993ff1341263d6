# shellcheck shell=bash source=.ci/common.sh
# The operations as a user who is not the superuser, on this system and on older ones: no test and
# no fallback leans on privileges.
. .ci/common.sh
check "test builds" meson_build test
programs=(test_{attributes,directory,functions,names,xattr}
    posix/test_{attributes,directory,exec,functions,names}_posix posix/test_{stat,xattr}_linux)
newer=(statx faccessat2 fchmodat2 openat2 execveat close_range clone3
    setxattrat getxattrat listxattrat removexattrat)
place=$(mktemp -d /tmp/fdinherit-user.XXXXXX) # where also a user without a home may go
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
for program in posix/deny "${programs[@]}"; do cp "$ci_dir/test/tests/$program" "$place"; done
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
                as_user "$place/deny" ${proc:+"$proc"} $error "${newer[@]}" -- "$place/$name"
        done
    done
done
checks_end
