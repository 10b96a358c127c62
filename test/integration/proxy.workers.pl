# Stands in for gunicorn: processes that accept a request when they have answered the one before. (Node accepts all; Perl
# is in every Debian image.) proxy.workers.pl SOCKET WORKERS MILLISECONDS LEDGER
# A request takes so many milliseconds; its path is a line of the ledger once it is begun.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($path, $workers, $milliseconds, $ledger) = @ARGV;
unlink $path;
my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 2048) or die "$path: $!";
chmod 0777, $path;
open my $executed, '>>', $ledger or die "$ledger: $!";

sub serve {
  $SIG{PIPE} = 'IGNORE';
  while (my $connection = $listener->accept) {
    my $data = '';
    while ($data !~ /\r\n\r\n/) {
      last unless sysread $connection, $data, 65536, length $data;
    }
    next unless $data =~ m{^\S+ (\S+) .*?\r\n\r\n(.*)}s;
    my ($target, $body) = ($1, length $2);
    my ($length) = $data =~ /^content-length: (\d+)/im;
    while ($length && $body < $length) {
      $body += sysread($connection, my $piece, 65536) || last;
    }
    syswrite $executed, "$target\n";
    select undef, undef, undef, $milliseconds / 1000;
    syswrite $connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
  }
}

for (1 .. $workers) {
  next if fork;
  serve();
  exit;
}
$| = 1;
print "ready\n";
1 while wait > 0;
