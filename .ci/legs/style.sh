# shellcheck shell=bash source=.ci/common.sh
# Checks clang-format, lengths, conditions, shell scripts, prose, and manual pages.
. .ci/common.sh
mapfile -t sources < <(git ls-files '*.c' '*.h' '*.cpp')
mapfile -t scripts < <(git ls-files .ci tests | xargs grep -lE '^#!/bin/(ba)?sh|shellcheck shell=bash')
mapfile -t prose < <(git ls-files '*.c' '*.h' '*.cpp' '*.hpp' '*.py' '*.sh' '*.md' '*.[137]' .ci/run .ci/test .ci/install \
    ':!tests/fuzz/corpus')
mapfile -t pages < <(git ls-files 'docs/man/*.[137]')
for file in "${sources[@]}"; do check "format of $file" clang-format --dry-run -Werror "$file"; done
# shellcheck disable=SC2046
check "length of functions and files" .ci/length.py $(git ls-files 'src/*.c' 'src/*.h')
check "the rule for conditions notices a fault" .ci/conditions.py --try
# shellcheck disable=SC2046
check "conditions of the preprocessor" .ci/conditions.py $(git ls-files 'src/posix/*.[ch]')
check "shell scripts" shellcheck -x "${scripts[@]}"
check "the prose rules notice a fault" .ci/language.py --try
check "prose" .ci/language.py "${prose[@]}"
# Missing pages of other packages are ignored; tests/check_manual.py checks references.
lint() { ! mandoc -T lint -W all "$1" 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db'; }
for page in "${pages[@]}"; do check "mandoc $page" lint "$page"; done
checks_end
