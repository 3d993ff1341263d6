# shellcheck shell=bash source=.ci/common.sh
# gcc on this system: that is what .ci/test built; here with optimisation, as a release.
. .ci/common.sh
meson_leg gcc -Dbuildtype=release
