# shellcheck shell=bash source=.ci/common.sh
# Runs README.md's two commands in a fresh clone, each within a minute.
. .ci/common.sh
clone=$ci_dir/clone
rm -rf "$clone"
git clone -q "$top" "$clone" || exit 1
cd "$clone" || exit 1
mapfile -t commands < <(awk '/^## Quick start/ { here = 1 } here && /^```sh$/ { inside = 1; next }
    /^```$/ { if (inside) exit } inside' README.md)
in_the_clone() { env -i PATH=/usr/bin:/bin HOME="$HOME" FDI_CI_DIR="$clone/build-ci" timeout "$1" bash -ec "$2" </dev/null; }
check "exactly two commands" test "${#commands[@]}" = 2
finds_the_leak() { in_the_clone 60 "${commands[0]}" | tee /dev/stderr | grep -q '^exit status 1$' && [ -x fdinherit ]; }
shows_the_socket() { in_the_clone 60 './fdinherit check -- ./leaky_server true || true' | grep -q '^ 3  yes .* listening$'; }
check "first: ${commands[0]}" finds_the_leak
check "first shows the socket" shows_the_socket
check "second: ${commands[1]}" in_the_clone 60 "${commands[1]}"
links_lead_somewhere() {
    local file link bad=0
    for file in README.md docs/*.md; do
        while read -r link; do
            [ -e "$(dirname "$file")/$link" ] || { echo "$file: $link" && bad=1; }
        done < <(grep -oE '\]\([^)#:]+\)' "$file" | sed 's/^](//; s/)$//')
    done
    [ "$bad" = 0 ]
}
check "links" links_lead_somewhere
only_this_project() { ! git grep -nE '/work/|(deb|security)\.debian\.|registry\.npmjs|pypi\.' -- . ':!.ci/legs/readme.sh'; }
check "no machine-specific path or mirror is named" only_this_project
checks_end
