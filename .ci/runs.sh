# shellcheck shell=bash source=.ci/common.sh
# Functions of the legs that run test programs under many conditions. Each run is a check.
. .ci/common.sh
export CMOCKA_MESSAGE_OUTPUT=TAP
place=$ci_dir/$(basename -s .sh "$0").runs
rm -rf "$place"
mkdir -p "$place"

# run NAME COMMAND...: runs the program NAME by a command and saves its output. Two run at a time.
runs=0
run() {
    local name=$1 file=$place/run.$((++runs))
    shift
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
    echo "$name" >"$file.name"
    { timeout 60 "$@" >"$file" 2>&1 </dev/null; echo "exit $?" >>"$file"; } &
}
# A run must succeed, and no case of its plan may be missing or skipped.
ended_well() {
    local plan
    plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$1")
    [ "$(grep '^ok ' "$1" | grep -vic '# *skip')" = "$plan" ] && [ "$(tail -n 1 "$1")" = "exit 0" ] && return
    cat "$1"
    return 1
}
count_runs() {
    local i
    wait
    for ((i = 1; i <= runs; i++)); do check "$(cat "$place/run.$i.name")" ended_well "$place/run.$i"; done
}

# without WORD WORDS...: prints the other words.
without() { local word; for word in "${@:2}"; do [ "$word" = "$1" ] || echo "$word"; done; }
