// Boost.Asio as net/ uses it: one thread for each context, executors of known type. For driver.cc and what it
// alone includes: its headers double the time that a file takes to compile.
//
// What it is not: the way to make sockets (socket.h): Asio opens and accepts them without CLOEXEC, so they
// would leak into a server that is started meanwhile. BOOST_ASIO_DISABLE_THREADS stays unset: it makes the
// stack of running contexts one for the whole process, and several drivers run at once, each in its thread.
#pragma once

#define BOOST_ASIO_NO_DEPRECATED
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace wsspec {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Stream = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using Alarm = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using boost::system::error_code;

}  // namespace wsspec
