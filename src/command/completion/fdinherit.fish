# SPDX-License-Identifier: MIT
# fish completion for fdinherit.

function __fdinherit_is --description 'True if one of these subcommands is given, and no command yet'
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv; and not contains -- -- $words[3..]
end

function __fdinherit_first --description 'True if the subcommand is next'
    test (count (commandline -opc)) -eq 1
end

function __fdinherit_command --description 'True if a command or its arguments are next'
    set -l words (commandline -opc)
    test (count $words) -ge 3; and contains -- $words[2] check run; and contains -- -- $words[3..]
end

function __fdinherit_complete_command
    set -l words (commandline -opc)
    set -l at (contains -i -- -- $words)
    complete -C (string join ' ' -- (string escape -- $words[(math $at + 1)..]) (commandline -ct))
end

complete -c fdinherit -f
complete -c fdinherit -n __fdinherit_first -a list -d 'Show the open descriptors of a process'
complete -c fdinherit -n __fdinherit_first -a check -d 'Find the descriptors that leak'
complete -c fdinherit -n __fdinherit_first -a run -d 'Run a command without leaks'
complete -c fdinherit -n __fdinherit_first -a supports -d 'Show what works on this system'
complete -c fdinherit -n __fdinherit_first -a help -d 'Explain a subcommand'
complete -c fdinherit -n __fdinherit_first -l version -d 'Show the version'
complete -c fdinherit -n __fdinherit_first -l help -d 'Show help'
complete -c fdinherit -n '__fdinherit_is help' -a 'list check run supports'
complete -c fdinherit -n '__fdinherit_is list check run supports' -l help -d 'Show help'
complete -c fdinherit -n '__fdinherit_is list' -l inheritable -d 'List only inheritable descriptors'
complete -c fdinherit -n '__fdinherit_is list check supports' -l json -d 'Print JSON'
complete -c fdinherit -n '__fdinherit_is list check' -a '(__fish_complete_pids)'
complete -c fdinherit -n '__fdinherit_is check' -l format -x -a 'text json' -d 'Print the report in this format'
complete -c fdinherit -n '__fdinherit_is check' -l output -r -F -d 'Write the report to this file'
complete -c fdinherit -n '__fdinherit_is check' -l error-exitcode -x -d 'Exit with this status after a leak'
complete -c fdinherit -n '__fdinherit_is check' -l allow -x -a 'jobserver fd= kind= refers= from= to=' -d 'Do not report these leaks'
complete -c fdinherit -n '__fdinherit_is check' -l suppressions -r -F -d 'Take rules from this file'
complete -c fdinherit -n '__fdinherit_is check' -l print-suppressions -d 'Print the rules that allow every leak'
complete -c fdinherit -n '__fdinherit_is check run' -l keep -x -a '(string replace -r ".*/" "" /proc/$fish_pid/fd/*)' -d 'Pass this descriptor to the command'
complete -c fdinherit -n '__fdinherit_is check run' -l cwd -x -a '(__fish_complete_directories)' -d 'Run the command in this directory'
complete -c fdinherit -n '__fdinherit_is check run' -a '--' -d 'A command comes next'
complete -c fdinherit -n __fdinherit_command -a '(__fdinherit_complete_command)'
