# shellcheck shell=bash source=.ci/runs.sh
# Runs the tests under other conditions: with each newer call refused alone and all together, without
# /proc, with few descriptors, as another user, in other locales, and in a read-only tree. The leg `gcc`
# runs the operations with all calls refused.
. .ci/runs.sh
check "test builds" meson_build test
tests=$ci_dir/test/tests command=$ci_dir/test/src/command/fdinherit
newer=(statx execveat pidfd_open clone3 close_range faccessat2 fchmodat2
    setxattrat getxattrat listxattrat removexattrat)
operations=(test_{attributes,directory,functions,names,target,xattr}
    posix/test_{attributes,directory,exec,functions,names}_posix posix/test_{stat,xattr}_linux)
others=(test_{child,create,duplicate,inherit,search,socket,spawn,temporary,wait}
    posix/test_{child,create,inherit,socket,spawn,wait}_posix
    posix/test_{create,socket,create_posix,socket_posix}_fork_lock posix/test_{threads,readonly}_linux)
programs=("${operations[@]}" "${others[@]}")
mapfile -t quick < <(printf '%s\n' "${programs[@]}" | grep -v threads)
seccomp_exec=$tests/posix/seccomp_exec # makes each refused call once, and exits if one succeeds

# ---- kernels and sandboxes. With clone3 refused by EPERM, glibc starts no thread and no shell. So only
# programs that create their children by the library run then.
mapfile -t but_clone3 < <(without clone3 "${newer[@]}")
children=(test_{child,search,spawn,wait} posix/test_{child,spawn}_posix)
for error in ENOSYS EPERM; do
    for call in "${newer[@]}"; do
        tried=("${quick[@]}")
        [ "$call $error" = "clone3 EPERM" ] && tried=("${children[@]}")
        for program in "${tried[@]}"; do
            run "$program, $call is $error" "$seccomp_exec" $error "$call" -- "$tests/$program"
        done
    done
    calls=("${newer[@]}")
    [ $error = EPERM ] && calls=("${but_clone3[@]}")
    for program in "${others[@]}"; do
        run "$program, newer calls are $error" "$seccomp_exec" $error "${calls[@]}" -- "$tests/$program"
        run "$program, newer calls are $error, no /proc" "$seccomp_exec" --no-proc $error "${calls[@]}" -- "$tests/$program"
    done
done
for program in "${others[@]}"; do run "$program, no /proc" "$seccomp_exec" --no-proc -- "$tests/$program"; done
not_refused() { ! "$seccomp_exec" ENOSYS no_such_call -- "$(command -v true)"; }
check "an unknown call does not count as refused" not_refused


# ---- few descriptors, also with two open above the limit; some tests need a higher limit
# shellcheck disable=SC2016
limited='ulimit -n "$0" && exec "$1"' above='ulimit -n 4096 && exec 3000</dev/null 3001</dev/null &&
    ulimit -n "$0" && exec "$1"'
limit_bites() { bash -c 'ulimit -n 64 && ! (exec 70</dev/null)'; }
check "the limit is effective" limit_bites
for program in "${programs[@]}"; do
    case $program in
    */test_socket_posix*) limit=300 ;; # messages with 253
    test_child) limit=1024 ;;          # number 900
    test_inherit) limit=2048 ;;        # number 1900
    *) limit=64 ;;
    esac
    run "$program, $limit descriptors" bash -c "$limited" $limit "$tests/$program"
    run "$program, $limit descriptors and two above" bash -c "$above" $limit "$tests/$program"
done

# ---- another user. A mount namespace replaces parent directories that only root may enter.
user=()
if [ "$(id -u)" = 0 ]; then
    user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    # shellcheck disable=SC2016
    "${user[@]}" test -x "$tests/list_fds" ||
        user=(unshare -m bash -c 'first=${1#/} && mount --bind "$1" /mnt && mount -t tmpfs none "/${first%%/*}" &&
            mkdir -p "$1" && mount --bind /mnt "$1" && cd / && exec "${@:2}"' - "$top" "${user[@]}")
fi
is_refused() { "${user[@]}" test -x "$tests/list_fds" && ! "${user[@]}" test -w /etc; }
check "the other user has no privileges" is_refused
for program in "${programs[@]}"; do run "$program, another user" "${user[@]}" "$tests/$program"; done
for program in $(without posix/test_readonly_linux "${others[@]}"); do # it needs /proc to create a namespace
    run "$program, another user, no /proc" "${user[@]}" "$seccomp_exec" --no-proc -- "$tests/$program"
done
for program in "${operations[@]}"; do
    for proc in '' --no-proc; do
        for error in ENOSYS EPERM; do
            run "$program, another user, newer calls are $error $proc" "${user[@]}" "$seccomp_exec" ${proc:+"$proc"} \
                $error "${newer[@]}" openat2 -- "$tests/$program"
        done
    done
done
# fakeroot replaces C library functions. safe_cp must copy the owner that fakeroot pretends.
owner_is_copied() {
    local work
    work=$("${user[@]}" mktemp -d /tmp/fdinherit-owner.XXXXXX) && cp "$tests/examples/safe_cp" "$ci_dir"/test/src/libfdinherit.so.0 "$work" &&
        "${user[@]}" fakeroot sh -c "cd $work && mkdir from && echo a >from/file && chown 12:34 from/file &&
            LD_LIBRARY_PATH=.:\$LD_LIBRARY_PATH ./safe_cp from to && stat -c %u:%g to/file" >"$place/owner"
    rm -rf "$work"
    [ "$(cat "$place/owner")" = 12:34 ]
}
check "fakeroot sees the operations" owner_is_copied

# ---- locales: decimal commas, a dotless i, characters whose second byte is a backslash
locales=$place/locales
mkdir -p "$locales"
check "the object that sets the locale builds" gcc -shared -fPIC -o "$place/locale.so" tests/support/locale_linux.c
in_locale() { # NAME POINT: stores the command in $locale
    locale=(env LC_ALL="$1" LOCPATH="$locales" FDI_DECIMAL_POINT="$2" LD_PRELOAD="$place/locale.so")
}
try_locale() { # NAME SOURCE CHARSET POINT
    check "$1 is created" localedef --no-archive -i "$2" -f "$3" "$locales/$1"
    in_locale "$1" "$4"
    check "$1 is set" "${locale[@]}" "$tests/list_fds"
    for program in "${programs[@]}"; do run "$program, $1" "${locale[@]}" "$tests/$program"; done
    locale+=(LANGUAGE=C PYTHONUTF8=1) # the tests compare English messages, and Python decodes bytes as before
    run "the command, $1" "${locale[@]}" python3 tests/test_command.py "$command" "$tests/leaky_server" "$seccomp_exec"
    run "the command's run, $1" "${locale[@]}" python3 tests/test_command_run.py "$command" "$tests/report_child"
}
try_locale de_DE.UTF-8 de_DE UTF-8 ,
try_locale tr_TR.ISO-8859-9 tr_TR ISO-8859-9 ,
try_locale zh_TW.BIG5 zh_TW BIG5 .
not_there() { in_locale xx_XX . && ! "${locale[@]}" "$tests/list_fds"; }
check "a missing locale is noticed" not_there

count_runs
checks_end
