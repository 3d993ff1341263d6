# shellcheck shell=bash source=.ci/common.sh
# Compiles the header alone in every supported language standard, with all warnings.
. .ci/common.sh
include='#include "fdinherit.h"'
program='int main(void) { fdi_socket none = FDI_NO_SOCKET; return none == 0; }'
compile() { printf '%s\n%s\n' "$include" "$program" | "$@" -Werror -Iinclude -fsyntax-only -; }
all_gcc=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wcast-align -Wredundant-decls)
not_ours=(-Wno-unused-macros -Wno-c++98-compat -Wno-c++98-compat-pedantic
    -Wno-padded -Wno-declaration-after-statement -Wno-missing-prototypes -Wno-strict-prototypes)
for standard in c99 c11 c17 gnu99; do
    check "gcc $standard" compile gcc -x c -std=$standard "${all_gcc[@]}" -Wstrict-prototypes
    check "clang $standard" compile clang -x c -std=$standard -Weverything "${not_ours[@]}"
    check "mingw $standard" compile x86_64-w64-mingw32-gcc -x c -std=$standard "${all_gcc[@]}"
done
for standard in c++11 c++14 c++17 c++20; do
    check "g++ $standard" compile g++ -x c++ -std=$standard "${all_gcc[@]}" -Wold-style-cast
    check "clang++ $standard" compile clang -x c++ -std=$standard -Weverything "${not_ours[@]}"
done
only_c_headers() { ! grep -E '^ *# *include' include/fdinherit.h | grep -vE '<(stdbool|stddef|stdint|stdio)\.h>'; }
no_reserved_names() { # comments may contain predefined names
    ! gcc -fpreprocessed -dD -E -P include/fdinherit.h 2>/dev/null | grep -vE '^ *# *(if|elif)' |
        grep -oE '\b(_[A-Za-z0-9]|[A-Za-z0-9]+__)[A-Za-z0-9_]*' | grep -vE '^__(attribute__|cplusplus)$'
}
check "includes only C headers" only_c_headers
check "no reserved identifier" no_reserved_names
checks_end
