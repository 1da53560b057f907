#!/usr/bin/perl
use Mojolicious::Lite -signatures;

app->log->level('fatal');

websocket '/*rest' => {rest => ''} => sub ($c) {
  $c->inactivity_timeout(300);
  $c->tx->with_compression;
  $c->tx->max_websocket_size(64 * 1024 * 1024);
  $c->on(text   => sub ($c, $octets) { $c->send({text   => $octets}) });
  $c->on(binary => sub ($c, $octets) { $c->send({binary => $octets}) });
};

app->start;
