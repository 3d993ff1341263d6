# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for fdinherit; needs only bash.

# Offers the completions of the typed text. The arguments select words, files or commands.
_fdinherit_offer() { mapfile -t COMPREPLY < <(compgen "$@" -- "${COMP_WORDS[COMP_CWORD]}"); }

_fdinherit_pids() {
    local directories=(/proc/[0-9]*)
    _fdinherit_offer -W "${directories[*]##*/}"
}

# Completes COMMAND after "--", which is word $1. If bash-completion is loaded, it completes COMMAND.
_fdinherit_command() {
    if declare -F _command_offset >/dev/null; then
        _command_offset $(($1 + 1))
    elif ((COMP_CWORD == $1 + 1)); then
        _fdinherit_offer -c
    else
        _fdinherit_offer -f
    fi
}

_fdinherit_options() {
    case $1 in
    list) echo "--inheritable --json --help" ;;
    check) echo "--format --json --output --error-exitcode --allow --suppressions --print-suppressions --keep --cwd -- --help" ;;
    run) echo "--keep --cwd -- --help" ;;
    supports) echo "--json --help" ;;
    esac
}

# Completes the value of an option, or the process id of list and check.
_fdinherit_operand() {
    local descriptors=(/proc/$$/fd/[0-9]*)
    case ${COMP_WORDS[COMP_CWORD - 1]} in
    --keep) _fdinherit_offer -W "${descriptors[*]##*/}" ;;
    --cwd) _fdinherit_offer -d ;;
    --output | --suppressions) _fdinherit_offer -f ;;
    --format) _fdinherit_offer -W "text json" ;;
    --allow) _fdinherit_offer -W "jobserver fd= kind= refers= from= to=" ;;
    --error-exitcode) ;;
    *) case $1 in list | check) _fdinherit_pids ;; esac ;;
    esac
}

_fdinherit() {
    local subcommand=${COMP_WORDS[1]} i
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _fdinherit_offer -W "list check run supports help --help --version"
        return
    fi
    if [ "$subcommand" = help ]; then
        ((COMP_CWORD == 2)) && _fdinherit_offer -W "list check run supports"
        return
    fi
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [ "${COMP_WORDS[i]}" = -- ] && [[ $subcommand = check || $subcommand = run ]]; then
            _fdinherit_command "$i"
            return
        fi
    done
    case ${COMP_WORDS[COMP_CWORD]} in
    -*) _fdinherit_offer -W "$(_fdinherit_options "$subcommand")" ;;
    *) _fdinherit_operand "$subcommand" ;;
    esac
}

complete -F _fdinherit fdinherit
