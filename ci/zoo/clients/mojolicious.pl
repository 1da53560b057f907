use Mojo::Base -strict;
use Mojo::IOLoop;
use Mojo::UserAgent;
use FindBin;
use lib $FindBin::Bin;
use driver;

my ($url) = @ARGV;
my $loop = ($ENV{WSSPEC_ACTION} // '') eq 'loop';
my $closes = ($ENV{WSSPEC_ACTION} // '') eq 'close';    # in place of sending back a message
my @protocols = grep {length} split /\s*,\s*/, $ENV{WSSPEC_PROTOCOLS} // '';
my %headers;
/^([^:]+):\s*(.*)$/ and push @{$headers{$1}}, $2 for split /\n/, $ENV{WSSPEC_HEADERS} // '';
my $refused = 0;
my $closing = 0;
# Without max_connections the next round would go over the connection of a refused handshake.
my $agent = Mojo::UserAgent->new(max_response_size => 0, inactivity_timeout => 0, max_connections => 0);
$agent->ca($ENV{WSSPEC_CA}) if $ENV{WSSPEC_CA};
$agent->proxy->http($ENV{WSSPEC_PROXY}) if $ENV{WSSPEC_PROXY};

# The library would send a second Close for a second call.
sub close_once { $closing++ or $_[0]->finish(1000) }

# The loop is not stopped at once: the answering Close has still to leave.
sub over {
  my ($error) = @_;
  warn "$error\n" if $error;
  return Mojo::IOLoop->timer(1 => sub { Mojo::IOLoop->stop }) unless $loop;
  $refused = ($error // '') =~ /refused/i ? $refused + 1 : 0;
  return Mojo::IOLoop->stop if $refused == 3;
  Mojo::IOLoop->timer($refused ? 0.1 : 0, \&once);
}

sub once {
  my $transaction = $agent->build_websocket_tx($url => {%headers} => @protocols ? [@protocols] : ());
  $transaction->req->headers->sec_websocket_extensions('permessage-deflate');
  $agent->start(
    $transaction => sub {
      my (undef, $socket) = @_;
      return over($socket->error ? $socket->error->{message} : 'no WebSocket') unless $socket->is_websocket;
      $socket->max_websocket_size(64 * 1024 * 1024);
      # The library leaves the check of text to the application.
      $socket->on(
        text => sub {
          my ($self, $octets) = @_;
          return close_once($self) if $closes;
          is_utf8($octets) ? $self->send({text => $octets}) : $self->finish(1007);
        }
      );
      $socket->on(binary => sub { my ($self, $octets) = @_; $closes ? close_once($self) : $self->send({binary => $octets}) });
      $socket->on(finish => sub { over() });
    }
  );
}

Mojo::IOLoop->next_tick(\&once);
Mojo::IOLoop->start;
