# Sourced first by the scripts and libraries of test/: makes the same of every caller's environment.

# Plain su leaves sbin out of root's PATH: runuser, useradd and what dpkg calls are there.
export PATH=$PATH:/usr/sbin:/sbin
# cron and containers may have no HOME; without one, ~ is what the user database says.
export HOME=${HOME:-~}
# Messages are parsed, lines are sorted and numbers are read again: all in one locale.
unset LANGUAGE "${!LC_@}"
export LANG=C.UTF-8
