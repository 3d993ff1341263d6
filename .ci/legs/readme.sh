# shellcheck shell=bash source=.ci/common.sh
# Runs README.md's two commands in a fresh clone.
. .ci/common.sh
clone=$ci_dir/clone
rm -rf "$clone"
git clone -q "$top" "$clone" || exit 1
cd "$clone" || exit 1
mapfile -t commands < <(awk '/^## Quick start/ { here = 1 } here && /^```sh$/ { inside = 1; next }
    /^```$/ { if (inside) exit } inside' README.md)
# Runs a command as a reader does: the shell goes on after a failure, and its last status counts.
in_the_clone() {
    env -i PATH=/usr/bin:/bin HOME="$HOME" FDI_CI_DIR="$clone/build-ci" timeout 180 bash -c "$1" </dev/null
}
finds_the_leak() {
    local said status
    said=$(in_the_clone "$1" 2>&1)
    status=$?
    echo "$said"
    [ $status = 0 ] && grep -qE '^ 3  socket  .* listening  -> sh$' <<<"$said" && [ "${said##*$'\n'}" = 'exit status 1' ]
}
check "exactly two commands" test "${#commands[@]}" = 2
check "first: ${commands[0]}" finds_the_leak "${commands[0]}"
check "second: ${commands[1]}" in_the_clone "${commands[1]}"
# A command that does less must not pass.
fails() { ! "$@"; }
check "a mended server is noticed" fails finds_the_leak "${commands[0]/leaky_server true/leaky_server --mended true}"
check "a failed build is noticed" fails finds_the_leak "${commands[0]/cc /cc -include missing.h }"
echo '#error planted' >>tests/test_wait.c
check "a test that does not build is noticed" fails in_the_clone "${commands[1]}"
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
