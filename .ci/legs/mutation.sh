# shellcheck shell=bash source=.ci/common.sh
# Breaks forty places of the code, one at a time; a test must notice each. The same code gives the same
# sample, and FDI_MUTATION_SEED selects another one.
. .ci/common.sh
tried=$ci_dir/mutation.tried
python3 tests/mutation/mutate.py --strict --mutants 40 --seed "${FDI_MUTATION_SEED:-1}" \
    --build "$ci_dir/mutation" | tee "$tried"
while read -r line; do check "$line" test "${line%% *}" != survived; done < <(
    grep -E '^(killed|survived|same|does not compile) [0-9]+: ' "$tried"
)
check "all mutants were tried" grep -q '^caught: ' "$tried"
checks_end
