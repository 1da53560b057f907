use strict;
use warnings;
use AnyEvent;
use AnyEvent::WebSocket::Client;
use FindBin;
use lib $FindBin::Bin;
use driver;

my ($url) = @ARGV;
my $loop = ($ENV{WSSPEC_ACTION} // '') eq 'loop';
my @protocols = grep {length} split /\s*,\s*/, $ENV{WSSPEC_PROTOCOLS} // '';
my @headers = map { /^([^:]+):\s*(.*)$/ ? ($1, $2) : () } split /\n/, $ENV{WSSPEC_HEADERS} // '';
my $limit = 64 * 1024 * 1024;
my $refused = 0;
my $ended = AE::cv;
my ($connection, $timer);
my $client = AnyEvent::WebSocket::Client->new(
  max_payload_size => $limit,
  max_fragments    => 262_144,
  @protocols      ? (subprotocol  => \@protocols)        : (),
  @headers        ? (http_headers => \@headers)          : (),
  $ENV{WSSPEC_CA} ? (ssl_ca_file  => $ENV{WSSPEC_CA})    : (),
);

sub over {
  my ($error) = @_;
  undef $connection;
  warn "$error\n" if $error;
  $refused = ($error // '') =~ /refused|unable to connect/i ? $refused + 1 : 0;
  my $again = $loop && $refused < 3;
  $timer = AE::timer($again ? ($refused ? 0.1 : 0) : 0.5, 0, $again ? \&once : sub { $ended->send });
}

sub once {
  $client->connect($url)->cb(sub {
    my ($result) = @_;
    $connection = eval { $result->recv };
    return over($@ || 'no connection') unless $connection;
    $connection->on(each_message => sub {
      my ($self, $message) = @_;
      # The library leaves the check of text to the application.
      return $self->close(1007) if $message->is_text && !is_utf8($message->body);
      $self->send($message) if $message->is_text || $message->is_binary;
    });
    $connection->on(finish => sub { over($_[1]) });
  });
}

once();
$ended->recv;
