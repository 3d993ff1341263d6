# SPDX-License-Identifier: MIT
# Draws the plots of docs/benchmarks.md. .ci/bench runs it in the data directory and sets the output folder.
set terminal svg size 760,560 font "sans,13" background "white"
set logscale xy
set grid
set key below
set xrange [10:20000]
set format y "%g"
set xlabel "open descriptors"
set ylabel "microseconds"
set style data linespoints

set output folder."/marking.svg"
set title "Marking all descriptors as not inheritable"
plot "marking.dat" using 1:5 title "loop to the limit", \
     "" using 1:4 title "procfs loop", \
     "" using 1:3 title "fdi\\_set\\_inheritable\\_range" linewidth 2, \
     "" using 1:2 title "close\\_range"

set output folder."/spawn.svg"
set title "Starting /bin/true with stdio and one more descriptor, and waiting"
set key below noenhanced autotitle columnhead
plot for [way=2:11] "spawn.dat" using 1:way
