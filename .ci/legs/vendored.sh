# shellcheck shell=bash source=.ci/common.sh
# Compiles the sources as a project that vendors them: without a configure step, with various flags.
. .ci/common.sh
compile_folder() ( # FOLDER COMPILER...: compiles src and one backend in an empty folder
    system=$1
    shift
    rm -rf "$ci_dir/vendored"
    mkdir -p "$ci_dir/vendored"
    cd "$ci_dir/vendored" && "$@" -I"$top/include" -c "$top"/src/*.c "$top/src/$system"/*.c
)
# Two sources of the same name would silently overwrite one object.
as_many_objects() { [ "$(find "$ci_dir/vendored" -name '*.o' | wc -l)" = "$(find src/*.c src/"$1"/*.c | wc -l)" ]; }
for compiler in "gcc -std=gnu11 -O3" "gcc -std=c11 -D_FORTIFY_SOURCE=2 -O2" "gcc -std=c17 -Os -flto" \
    "gcc -std=c99 -O2 -fanalyzer" "clang -std=c99" "clang -std=c17 -O3" \
    "musl-gcc -std=c99" "zigcc -target riscv64-linux-gnu -std=c99" \
    "zigcc -target powerpc-linux-musleabihf -std=c99" "zigcc -target mips-linux-gnueabihf -std=c99" \
    "gcc -std=c99"; do
    # shellcheck disable=SC2086
    check "$compiler" compile_folder posix $compiler "${warnings[@]}"
done
check "posix: as many objects as sources" as_many_objects posix
check "tcc" compile_folder posix tcc -Wall -Werror
for machine in x86_64 i686; do
    check "$machine-w64-mingw32-gcc" compile_folder windows $machine-w64-mingw32-gcc -std=c99 "${warnings[@]}"
done
check "windows: as many objects as sources" as_many_objects windows
check "clang for Windows" compile_folder windows clang --target=x86_64-w64-mingw32 -std=c99 "${warnings[@]}"
# Builds the command as in README.md, with each compiler's default standard.
for compiler in gcc clang tcc musl-gcc "gcc -m32 -idirafter /usr/include/x86_64-linux-gnu" \
    "zigcc -target x86_64-macos" "zigcc -target aarch64-linux-gnu.2.17"; do
    # shellcheck disable=SC2086
    check "the command: $compiler" $compiler -Wall -Werror -Iinclude -o "$ci_dir/vendored/fdinherit" \
        src/*.c src/posix/*.c src/command/*.c src/command/posix/*.c
done
check "the command: x86_64-w64-mingw32-gcc" x86_64-w64-mingw32-gcc -Wall -Werror -Iinclude -o "$ci_dir/vendored/fdinherit.exe" \
    src/*.c src/windows/*.c src/command/*.c src/command/windows/*.c -lws2_32 -lntdll
checks_end
