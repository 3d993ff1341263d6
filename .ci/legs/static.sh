# shellcheck shell=bash source=.ci/common.sh
# Runs the static analysers. The leg `vendored` runs gcc's analyser too.
. .ci/common.sh
library=(src/*.c src/posix/*.c)
command=(src/command/*.c src/command/posix/*.c)
all=("${library[@]}" "${command[@]}" docs/examples/*.c)
# clang-tidy skips the examples, which call system() and do not check printing.
each() { # COMMAND...: runs once per file, because files define different macros
    local file
    for file in "${all[@]}"; do "$@" "$file" || return 1; done
}
tidy() { clang-tidy --quiet "${library[@]}" "${command[@]}" -- -std=c99 -Iinclude -Isrc/command; }
check_c() {
    cppcheck --enable=warning,performance,portability --std=c99 --error-exitcode=1 --inline-suppr --quiet \
        --suppress=toomanyconfigs -j 2 -Iinclude "$@"
}
scan() { scan-build --status-bugs -o "$ci_dir/scan" --use-cc=clang bash .ci/legs/static.sh --compile; }
if [ "${1:-}" = --compile ]; then # scan-build observes this
    each "$CC" -std=c99 -Iinclude -c -o /dev/null
    exit
fi
check "clang-tidy" tidy
check "cppcheck" check_c "${all[@]}"
check "cppcheck for Windows" check_c --platform=win64 -D_WIN32 src/*.c src/windows/*.c
check "scan-build" scan
for file in src/command/*.c src/command/posix/*.c; do
    check "gcc -fanalyzer $file" gcc -std=c99 -O2 -fanalyzer "${warnings[@]}" -Iinclude -c "$file" -o /dev/null
done
# Each analyser must notice a planted mistake.
mistake=$ci_dir/mistake.c
cat >"$mistake" <<'END'
#include <fcntl.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    char *text = malloc(8);
    int fd = open(argv[0], O_RDONLY);
    free(text);
    return argc > 1 ? text[8] + fd : 0;
}
END
misses() { ! "$@"; }
check "clang-tidy notices" misses clang-tidy --quiet --config-file=.clang-tidy "$mistake" -- -std=c99
check "cppcheck notices" misses check_c "$mistake"
check "scan-build notices" misses scan-build --status-bugs -o "$ci_dir/scan" --use-cc=clang clang -c "$mistake" -o /dev/null
check "gcc -fanalyzer notices" misses gcc -fanalyzer -Werror -c "$mistake" -o /dev/null
checks_end
