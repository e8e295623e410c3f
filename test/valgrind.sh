#!/usr/bin/env bash
# The regress suite, or TAP tests, with every server process under valgrind's memcheck:
#   test/valgrind.sh                 the regress suite
#   test/valgrind.sh TAP-TEST...     these TAP tests
# Prints each finding whose innermost frame that is no library's is ours, or whose memory was made
# there; fails when there is one, or when the tests fail. The extension must be installed. Slow: the
# regress suite takes some twenty minutes.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PG_CONFIG=${PG_CONFIG:-pg_config}
export PG_CONFIG
real=$("$PG_CONFIG" --bindir)
work=$(mktemp -d /tmp/kcs-valgrind.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/log"
chmod 755 "$work" "$work/bin"
chmod 1777 "$work/log"

# Servers find their files from where the real program is; pg_ctl runs the postgres beside itself.
ln -s "$real"/* "$work/bin/"
rm "$work/bin/postgres" "$work/bin/pg_ctl"
cp "$real/pg_ctl" "$work/bin/"
cat >"$work/bin/postgres" <<WRAPPER
#!/bin/sh
case \$1 in -V | --version | --single | --boot | --check | -C) exec "$real/postgres" "\$@" ;; esac
exec valgrind --quiet --trace-children=yes --track-origins=yes --read-var-info=no --num-callers=30 \\
    --fullpath-after= --error-limit=no --log-file="$work/log/%p" "$real/postgres" "\$@"
WRAPPER
chmod 755 "$work/bin/postgres"

status=0
export PG_BIN=$work/bin PGCTLTIMEOUT=300 PG_TEST_TIMEOUT_DEFAULT=${PG_TEST_TIMEOUT_DEFAULT:-600}
if [ $# -eq 0 ]; then
    "$HERE/check.sh" || status=1
else
    "$HERE/prove.sh" "$@" || status=1
fi

# A finding is lines between two that are empty but for the process id. Its first stack is where it
# happened, others are where the memory came from.
perl -we '
    use strict;
    my (%seen, $findings, $all);
    my $ours = qr{\((?:\S*/)?src/(?:core|debezium|pipeline|kafka|postgres|entry)/\S+:\d+\)|kafka_cdc_sink\.so};
    my $library = qr{vg_replace|\(in \S*/(?:libc|libstdc\+\+|libm|libgcc_s|ld-linux)|/usr/include/c\+\+|valgrind/};
    sub is_ours {
        foreach my $frame (@_) {
            return 1 if $frame =~ $ours;
            return 0 unless $frame =~ $library;
        }
        return 0;
    }
    my @logs = glob "$ARGV[0]/*";
    die "no server ran under valgrind: is it installed?\n" unless @logs;
    foreach my $file (@logs) {
        open my $in, "<", $file or die;
        my (@block, @blocks);
        while (<$in>) {
            s/^==\d+== ?//;
            if (/^\s*$/) { push @blocks, [@block] if @block; @block = (); }
            else { push @block, $_ }
        }
        push @blocks, [@block] if @block;
        foreach my $b (@blocks) {
            ++$all;
            my @stacks = ([]);
            foreach (@$b) {
                push @stacks, [] if /^\s+at 0x/;
                push @{ $stacks[-1] }, $_ if /^\s+(?:at|by) 0x/;
            }
            next unless grep { is_ours(@$_) } @stacks;
            my $text = join "", @$b;
            (my $same = $text) =~ s/0x[0-9A-F]+//g;
            print "\n$text" unless $seen{$same}++;
            ++$findings;
        }
    }
    printf "valgrind: %d reports, %d in our frames\n", $all // 0, $findings // 0;
    exit($findings ? 1 : 0);
' "$work/log" || status=1
[ -z "${LOG_DIR:-}" ] || { mkdir -p "$LOG_DIR" && cp "$work"/log/* "$LOG_DIR"/; }
exit $status
