# shellcheck shell=bash source=.ci/common.sh
# Compares more than 100,000 random calls with Python's os. FDI_ORACLE_SEED repeats a run.
. .ci/common.sh
check "builds" meson_build test
check_tap tests/oracle/oracle.py "$ci_dir/test/tests/oracle/oracle_driver" --calls 110000 \
    ${FDI_ORACLE_SEED:+--seed "$FDI_ORACLE_SEED"}
calls=$(awk '/^# [0-9]+ calls in/ { sum += $2 } END { print sum + 0 }' "$tap")
check "$calls calls; $(grep -o 'seed [0-9]*' "$tap")" test "$calls" -ge 100000
checks_end
