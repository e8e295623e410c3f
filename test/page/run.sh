#!/usr/bin/env bash
# The status page in Debian's Chromium, as it is embedded and under its policy, in every state that
# /status can tell. Prints TAP. test/page/run.sh [SCENE...]
#
#   LOG_DIR=dir            gets a picture of the page at each test that fails
#   test/page/pictures.py DIR [STATE...]   makes pictures of all states, to look at
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../lib/environment.sh"
exec /usr/bin/python3 -B "$HERE/run.py" "$@"
