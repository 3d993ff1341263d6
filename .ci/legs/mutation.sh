# shellcheck shell=bash source=.ci/common.sh
# Forty places of the code are broken, one at a time, and each has to be noticed by a test: a sample, the same
# for each run of the same code. FDI_MUTATION_SEED takes another one.
. .ci/common.sh
tried=$ci_dir/mutation.tried
python3 tests/mutation/mutate.py --strict --mutants 40 --seed "${FDI_MUTATION_SEED:-1}" \
    --build "$ci_dir/mutation" | tee "$tried"
while read -r line; do check "$line" test "${line%% *}" != survived; done < <(
    grep -E '^(killed|survived|same|does not compile) [0-9]+: ' "$tried"
)
check "all of them were tried" grep -q '^caught: ' "$tried"
checks_end
