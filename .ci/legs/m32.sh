# shellcheck shell=bash source=.ci/runs.sh
# Tests a build for 32-bit x86 with glibc, also with each newer call refused alone by EPERM, as a sandbox
# refuses it. The C library uses statx for every stat, so only the library's own calls of it are refused.
. .ci/runs.sh
cmocka_for linux-m32 gcc -m32 -idirafter /usr/include/x86_64-linux-gnu
counted_leg m32 --cross-file .ci/cross/m32.ini -Dcmocka="$cmocka"
tests=$ci_dir/m32/tests
for call in own_statx execveat pidfd_open close_range faccessat2 fchmodat2 openat2 setxattrat getxattrat listxattrat removexattrat; do
    for program in test_{attributes,child,directory,functions,inherit,names,spawn,target,wait,xattr} \
        posix/test_{attributes,directory,exec,functions,inherit,names,spawn,wait}_posix posix/test_{stat,xattr}_linux; do
        run "$program, $call is EPERM" "$tests/posix/seccomp_exec" EPERM "$call" -- "$tests/$program"
    done
done
count_runs
checks_end
