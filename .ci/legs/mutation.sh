# shellcheck shell=bash source=.ci/common.sh
# Twenty of the ways to break the code, always the same while those lines are: do the tests notice?
# docs/testing.md has the figures of many more.
. .ci/common.sh
told=$ci_dir/mutation.txt
mutate() { tests/mutation/mutate.py --mutants 20 --seed 1 --build "$ci_dir/mutation" >"$told" 2>&1; }
check "at least 95 % are noticed" mutate
cat "$told"
while read -r outcome what; do check "${what%% | *}" test "$outcome" = killed; done < <(grep -E '^(killed) ' "$told")
check "twenty were tried" test "$(grep -cE '^(killed|survived|equivalent|same|does not compile) [0-9]+:' "$told")" = 20
checks_end
