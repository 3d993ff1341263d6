# shellcheck shell=bash source=.ci/common.sh
# Fuzzes the calls, the arguments of the command, and the parsers of procfs, with AddressSanitizer and
# UndefinedBehaviorSanitizer. Each of the three runs 20 seconds, or FDI_FUZZ_SECONDS. They run as an
# unprivileged user in a folder of their own, in memory. Arguments select some of the three. FDI_FUZZ_KEEP=1
# packs the smallest set of inputs with the same coverage into tests/fuzz/corpus.
. .ci/common.sh
seconds=${FDI_FUZZ_SECONDS:-20}
place=$(mktemp -d /tmp/fdinherit-fuzz.XXXXXX) || exit 1
memory=$(mktemp -d /dev/shm/fdinherit-fuzz.XXXXXX) || memory=$place # creates trees faster
trap 'rm -rf "$place" "$memory"' EXIT
chmod 755 "$place" "$memory"
build() { # NAME SOURCE...
    clang -std=c99 -g -O1 "${warnings[@]}" -Wno-missing-prototypes -Iinclude -Isrc/command \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o "$place/$1" "${@:2}"
}
library=(src/*.c src/posix/*.c)
build_procfs() { build procfs tests/fuzz/fuzz_procfs.c src/command/posix/procfs.c; }
build_dispatch() { build dispatch tests/fuzz/{fuzz_dispatch,arguments,descriptors,peers,file_tree}.c tests/support/operations.c "${library[@]}"; }
build_command() {
    build command -Dmain=command_main tests/fuzz/fuzz_command.c src/command/*.c "${library[@]}" \
        src/command/posix/{describe_posix,own_socket_posix,process_posix,procfs,read_posix,sockets_posix}.c
}
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}
fuzz() ( # NAME [ARGUMENT...]
    cd "$memory/$1.d" || exit 1
    as_nobody "$place/$1" -timeout=20 -max_len=512 -len_control=0 -close_fd_mask=1 \
        -artifact_prefix="$PWD/" -print_final_stats=1 -print_funcs=0 "${@:2}" # a symbolizer would be a child, too
)
found() { # NAME: tries the corpus first, and then new inputs
    mkdir -p "$memory/$1.d/"{corpus,least}
    python3 tests/fuzz/corpus.py unpack "tests/fuzz/corpus/$1" "$memory/$1.d/corpus"
    chmod -R 777 "$memory/$1.d"
    fuzz "$1" -max_total_time="$seconds" "$memory/$1.d/corpus" >"$ci_dir/fuzz-$1.log" 2>&1
}
keep() {
    fuzz "$1" -merge=1 "$memory/$1.d/least" "$memory/$1.d/corpus" &&
        python3 tests/fuzz/corpus.py pack "$memory/$1.d/least" "tests/fuzz/corpus/$1"
}
[ $# != 0 ] || set -- procfs dispatch command
for name; do
    check "$name compiles" "build_$name"
    check "$name finds no fault in $seconds s" found "$name"
    grep -E '^#.*(INITED|DONE)|^stat::(number|new_units)|: failed: |SUMMARY|Base64' "$ci_dir/fuzz-$name.log"
    [ -z "${FDI_FUZZ_KEEP:-}" ] || check "the corpus of $name is packed" keep "$name"
done
checks_end
