# shellcheck shell=bash source=.ci/common.sh
# Tests a release build by gcc, with optimisation. .ci/test builds without it.
. .ci/common.sh
meson_leg gcc -Dbuildtype=release
