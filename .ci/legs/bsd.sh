# shellcheck shell=bash source=.ci/common.sh
# Compiles and links the library and command for systems that cannot run here: FreeBSD, NetBSD and OpenBSD,
# and mips with musl. Compiles them with the headers of an old Linux.
. .ci/common.sh
sources=(src/*.c src/posix/*.c src/command/*.c src/command/posix/*.c)
links() { # TARGET [option...]
    zigcc -target "$1" -std=c99 -O1 "${warnings[@]}" -Iinclude "${@:2}" -o "$ci_dir/bsd.$1"
}
# zig's headers are those of NetBSD 11, whose dup3 has another symbol than in its default version.
for target in x86_64-freebsd x86_64-netbsd.11.0 x86_64-openbsd; do
    check "the command: $target" links $target "${sources[@]}"
done
# FreeBSD's `environ` is in the program.
check "the shared library: x86_64-freebsd" links x86_64-freebsd -fPIC -shared -Wl,--no-undefined src/*.c src/posix/*.c
for target in mipsel-linux-musleabi mips64-linux-muslabi64; do
    check "the command: $target" links $target -dynamic "${sources[@]}"
done
for source in "${sources[@]}"; do
    check "old headers: $source" gcc -std=c99 "${warnings[@]}" -Iinclude -include .ci/old_headers.h -fsyntax-only "$source"
done
checks_end
