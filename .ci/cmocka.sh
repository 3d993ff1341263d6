#!/bin/bash
# cmocka.sh FOLDER COMPILER...: builds FOLDER/libcmocka.a and FOLDER/include from the source package of
# Debian's cmocka. It is one source file; this script writes its config.h.
set -eu
. .ci/common.sh
folder=$1
shift

# Uses a private list of source packages, with the host and suite of the installed lists.
fetch() {
    local list=$cache_dir/apt
    mkdir -p "$list/lists/partial"
    if [ ! -s "$list/src.list" ]; then
        # shellcheck disable=SC2016
        apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
            awk '$3 == "main" && !/security|updates/ { print "deb-src " $1 " " $2 " main" }' |
            sort -u >"$list/src.list"
    fi
    local options=(-o "Dir::Etc::sourcelist=$list/src.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$list/lists" -o APT::Sandbox::User=root)
    apt-get -q "${options[@]}" update
    (cd "$list" && apt-get -q "${options[@]}" source cmocka)
    mv "$list"/cmocka-*/ "$cache_dir/cmocka-source"
}

config() {
    local has
    for has in ASSERT_H INTTYPES_H MEMORY_H SETJMP_H SIGNAL_H STDARG_H STDDEF_H STDINT_H STDIO_H STDLIB_H STRINGS_H \
        STRING_H TIME_H UNISTD_H CALLOC EXIT FPRINTF FREE LONGJMP MALLOC MEMCPY MEMSET PRINTF SETJMP SIGNAL \
        SNPRINTF STRCMP VSNPRINTF GCC_THREAD_LOCAL_STORAGE; do
        echo "#define HAVE_$has 1"
    done
    case $folder in
    *linux* | *glibc* | *m32* | *musl*) printf '#define HAVE_MALLOC_H 1\n#define _UINTPTR_T\n#define _UINTPTR_T_DEFINED\n' ;;
    esac
}

[ -d "$cache_dir/cmocka-source" ] || fetch
mkdir -p "$folder/include"
cp "$cache_dir"/cmocka-source/include/*.h "$folder/include/"
config >"$folder/config.h"
"$@" -O1 -w -DHAVE_CONFIG_H -I"$folder" -I"$folder/include" -c "$cache_dir/cmocka-source/src/cmocka.c" -o "$folder/cmocka.o"
archiver='ar'
case $1 in
*-linux-gnu-gcc | *-mingw32-gcc) archiver=${1%gcc}ar ;;
zigcc) archiver=zigar ;;
esac
"$archiver" rcs "$folder/libcmocka.a" "$folder/cmocka.o"
