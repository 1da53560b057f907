#include "cli/built_in.h"

#include <atomic>
#include <thread>

#include "net/driver.h"

namespace wsspec {

struct BuiltIn::Server {
  std::shared_ptr<PeerWorld> world;
  Driver driver;
  std::atomic<bool> over = false;
  std::thread thread;

  ~Server() {
    over = true;
    driver.wake();
    if (thread.joinable()) thread.join();
  }
};

BuiltIn::BuiltIn(std::unique_ptr<Server> server) : server_(std::move(server)) {}
BuiltIn::~BuiltIn() = default;

Result<std::unique_ptr<BuiltIn>> BuiltIn::start(PeerOptions options) {
  auto world = PeerWorld::make(std::move(options));
  if (!world) return std::unexpected(world.error());
  auto server = std::make_unique<Server>();
  server->world = *world;
  // Outside the range from which the kernel takes ports for outgoing connections, so that none of ours sits
  // there.
  Result<std::uint16_t> port = fail_with("", "no free port");
  for (std::uint16_t wanted = 21000; wanted < 21200 && !port; ++wanted) {
    ListenOptions listen;
    listen.address.port = wanted;
    port = server->driver.listen(listen, [peers = *world] { return std::make_unique<Peer>(peers); });
  }
  if (!port) return std::unexpected(port.error());
  Server* raw = server.get();
  server->thread = std::thread([raw] {
    while (!raw->over && !raw->world->crashed())
      raw->driver.run(raw->driver.now() + std::chrono::milliseconds(200));
  });
  std::unique_ptr<BuiltIn> built_in(new BuiltIn(std::move(server)));
  built_in->address_.port = *port;
  return built_in;
}

}  // namespace wsspec
