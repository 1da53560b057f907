#!/usr/bin/perl
use Mojolicious::Lite -signatures;

# Text as RFC 3629 has it, noncharacters included, which Encode refuses. A quantifier of Perl's has a limit, hence the loop.
sub is_utf8 ($octets) {
  1 while $octets =~ /\G(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]
    |[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}
    |\xf4[\x80-\x8f][\x80-\xbf]{2}){1,10000}/gcx;
  return (pos($octets) // 0) == length $octets;
}

app->log->level('fatal');

websocket '/*rest' => {rest => ''} => sub ($c) {
  $c->inactivity_timeout(300);
  $c->tx->with_compression;
  $c->tx->max_websocket_size(64 * 1024 * 1024);
  # The library leaves the check of text to the application.
  $c->on(text   => sub ($c, $octets) {
    is_utf8($octets) ? $c->send({text => $octets}) : $c->finish(1007);
  });
  $c->on(binary => sub ($c, $octets) { $c->send({binary => $octets}) });
};

app->start;
