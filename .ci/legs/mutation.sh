# shellcheck shell=bash source=.ci/common.sh
# Breaks sixty places of the code, one at a time, without the equivalent ones; the tests may miss three, which are printed.
# The same code gives the same sample, and FDI_MUTATION_SEED selects another one.
. .ci/common.sh
tried=$ci_dir/mutation.tried
python3 tests/mutation/mutate.py --strict --mutants 60 --seed "${FDI_MUTATION_SEED:-1}" \
    --build "$ci_dir/mutation" | tee "$tried"
count() { grep -cE "^($1) [0-9]+: " "$tried"; }
check "all mutants were tried" grep -q "^caught: " "$tried"
check "at most three mutants survived: $(count survived)" test "$(count survived)" -le 3
checks_end
