# kcat's JSON envelopes on stdin, records as test/mockbroker reads them on stdout, in the order in
# which the connector made them.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->utf8;

# Bytes as a field of a record line; null is \N.
sub field
{
	my $text = shift;
	return '\N' unless defined $text;
	utf8::encode($text);
	$text =~ s/\\/\\\\/g;
	$text =~ s/\t/\\t/g;
	$text =~ s/\n/\\n/g;
	$text =~ s/\r/\\r/g;
	$text =~ s/\0/\\0/g;
	return $text;
}

my @records;
my %last;
while (my $line = <STDIN>)
{
	my $record = $json->decode($line);
	# A tombstone says no time: it belongs to the record before it.
	my ($at) = ($record->{payload} // '') =~ /.*_ns":(\d+)/s;
	($at) = ($record->{payload} // '') =~ /.*_ms":(\d+)/s unless defined $at;
	$at = $last{ $record->{topic} } unless defined $at;
	$last{ $record->{topic} } = $at;
	push @records, [ substr($at . '0' x 9, 0, 19), scalar @records, $record ];
}
foreach my $entry (sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @records)
{
	my $record = $entry->[2];
	my @headers = @{ $record->{headers} // [] };
	my $line = "$record->{topic} $record->{partition}\t" . field($record->{key}) . "\t" . field($record->{payload});
	while (my ($name, $value) = splice(@headers, 0, 2))
	{
		$line .= "\t$name=" . field($value);
	}
	print "$line\n";
}
