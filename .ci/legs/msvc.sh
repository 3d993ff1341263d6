# shellcheck shell=bash source=.ci/common.sh
# Compiles for Microsoft's ABI with clang-cl at /W4: x86_64, i686 and arm64. The x86_64 programs are
# linked with the universal CRT and run under Wine. Microsoft's own compiler and headers are not used.
. .ci/common.sh
folder=$ci_dir/msvc-parts
mkdir -p "$folder/include"
sources=(src/*.c src/windows/*.c src/command/*.c src/command/windows/*.c)
compiles() { clang-cl /W4 /WX /Iinclude /c "$1" "/Fo$folder/$FDI_MSVC_CPU.obj"; }
for cpu in x86_64 i686 aarch64; do
    export FDI_MSVC_CPU=$cpu
    for file in "${sources[@]}"; do check "$cpu: $file" compiles "$file"; done
done
export FDI_MSVC_CPU=x86_64
check "src/windows/system_names.txt has every name from a system header" .ci/system_names.py \
    src/windows/system_names.txt src/windows/*.c src/command/windows/*.c

# The libraries that Microsoft's names refer to, the start-up code, and cmocka.
for name in kernel32 ws2_32 ntdll shell32 advapi32 ucrt mingwex; do
    ln -sf "/usr/x86_64-w64-mingw32/lib/lib$name.a" "$folder/$name.lib"
done
parts=()
for part in CONSOLE WINDOWS DLL EXIT STACK; do
    check "start-up code: $part" clang-cl /O1 "/DSTART_$part" /c .ci/msvc_start.c "/Fo$folder/$part.obj"
    parts+=("$folder/$part.obj")
done
check "start-up library" llvm-lib "/out:$folder/start.lib" "${parts[@]}"
(flock 9 && { [ -d "$cache_dir/cmocka-source" ] || bash .ci/cmocka.sh "$cache_dir/cmocka/windows-x86_64" \
    x86_64-w64-mingw32-gcc; }) 9>"$cache_dir/cmocka.lock"
cp "$cache_dir"/cmocka-source/include/*.h "$folder/include/"
for has in ASSERT_H INTTYPES_H MEMORY_H SETJMP_H SIGNAL_H STDARG_H STDDEF_H STDINT_H STDIO_H STDLIB_H STRING_H TIME_H \
    CALLOC EXIT FPRINTF FREE LONGJMP MALLOC MEMCPY MEMSET PRINTF SETJMP SIGNAL SNPRINTF STRCMP VSNPRINTF; do
    echo "#define HAVE_$has 1"
done >"$folder/config.h"
check "cmocka compiles" clang-cl /O1 -w /DHAVE_CONFIG_H "/I$folder" "/I$folder/include" /c "$cache_dir/cmocka-source/src/cmocka.c" \
    "/Fo$folder/cmocka.obj"
cmocka=$cache_dir/cmocka/msvc # Meson accepts no absolute path into the source tree
mkdir -p "$cmocka/include" && cp "$cache_dir"/cmocka-source/include/*.h "$cmocka/include/"
check "cmocka" llvm-lib "/out:$cmocka/cmocka.lib" "$folder/cmocka.obj"

libraries="'start.lib', 'ucrt.lib', 'kernel32.lib', 'mingwex.lib', 'advapi32.lib', 'shell32.lib'"
run_all() {
    meson_build msvc --cross-file .ci/cross/msvc.ini -Dcmocka="$cmocka" \
        "-Dc_link_args=['/libpath:$folder', '/nodefaultlib', $libraries]" &&
        passes "$ci_dir/msvc" --num-processes 1 --no-suite names
}
check "the tests pass under Wine" with_wine run_all
command=$ci_dir/msvc/src/command/fdinherit.exe
check "the command starts" with_wine wine "$command" --version
checks_end
