# What the clients in Perl have in common.
package driver;
use strict;
use warnings;
use parent 'Exporter';

our @EXPORT = ('is_utf8');

# Text as RFC 3629 has it, noncharacters included, which Encode refuses. A quantifier of Perl's has a limit, hence the loop.
sub is_utf8 {
  my ($octets) = @_;
  1 while $octets =~ /\G(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]
    |[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}
    |\xf4[\x80-\x8f][\x80-\xbf]{2}){1,10000}/gcx;
  return (pos($octets) // 0) == length $octets;
}

1;
