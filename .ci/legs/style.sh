# shellcheck shell=bash source=.ci/common.sh
# Form: clang-format, lengths, shell scripts, manual pages, nothing that belongs to one machine.
. .ci/common.sh
mapfile -t sources < <(git ls-files '*.c' '*.h' '*.cpp')
mapfile -t scripts < <(git ls-files .ci | xargs grep -lE '^#!/bin/(ba)?sh|shellcheck shell=bash')
mapfile -t pages < <(git ls-files 'docs/man/*')
for file in "${sources[@]}"; do check "format of $file" clang-format --dry-run -Werror "$file"; done
# shellcheck disable=SC2046
check "length of functions and files" .ci/length.py $(git ls-files 'src/*.c' 'src/*.h')
check "shell scripts" shellcheck -x "${scripts[@]}"
for page in "${pages[@]}"; do check "mandoc $page" mandoc -T lint -W style "$page"; done
checks_end
