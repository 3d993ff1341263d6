# shellcheck shell=bash source=.ci/common.sh
# Starts 22,000 children under churn by the best method, and fewer by each of the others.
. .ci/common.sh
check "builds" meson_build test
churn=$ci_dir/test/tests/posix/churn
check "22,000 children, the best method" timeout 300 "$churn" 22000 0
for way in 1 2 3; do
    check "4,000 children, method $way" timeout 300 "$churn" 4000 $way
done
checks_end
