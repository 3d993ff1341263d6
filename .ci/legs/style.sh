# shellcheck shell=bash source=.ci/common.sh
# Form: clang-format, lengths, shell scripts, manual pages, nothing that belongs to one machine.
. .ci/common.sh
mapfile -t sources < <(git ls-files '*.c' '*.h' '*.cpp')
mapfile -t scripts < <(git ls-files .ci tests | xargs grep -lE '^#!/bin/(ba)?sh|shellcheck shell=bash')
mapfile -t pages < <(git ls-files 'docs/man/*.[137]')
for file in "${sources[@]}"; do check "format of $file" clang-format --dry-run -Werror "$file"; done
# shellcheck disable=SC2046
check "length of functions and files" .ci/length.py $(git ls-files 'src/*.c' 'src/*.h')
check "shell scripts" shellcheck -x "${scripts[@]}"
# Whether the system's own pages are there says nothing of ours; tests/check_manual.py follows references.
lint() { ! mandoc -T lint -W all "$1" 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db'; }
for page in "${pages[@]}"; do check "mandoc $page" lint "$page"; done
checks_end
