// Defects of a hop that tells its server of the client by the PROXY protocol.
#include "peer/defects.h"

namespace wsspec {
namespace {

template <auto make>
void introduce(Conduct& c) {
  c.hop.introduces = make;
}

const Defect kHopNames[] = {
    {"up.names-wrong-port", "The PROXY header has another port of the client", kProxyName, true,
     introduce<[](const ConnectionName& name) {
       ConnectionName other = name;
       ++other.source_port;
       return proxy_header_1(other);
     }>},
    {"up.names-itself", "The PROXY header names the hop as the client", kProxyName, false,
     introduce<[](const ConnectionName& name) {
       return proxy_header_2({name.destination, name.source, name.destination_port, name.source_port});
     }>},
    {"up.names-first-client", "Each PROXY header is that of the first client", kProxyName, true,
     introduce<[](const ConnectionName& name) {
       ConnectionName other = name;
       other.source_port = 50000;
       return proxy_header_1(other);
     }>},
    {"up.names-twice", "The PROXY header comes twice", kProxyOnce, false,
     introduce<[](const ConnectionName& name) { return proxy_header_1(name) + proxy_header_1(name); }>},
    {"up.names-late", "The PROXY header stands behind the request", kProxyOnce, false,
     [](Conduct& c) { c.hop.introduces_late = true; }},
    {"up.names-wrong-length", "The length of the PROXY header leaves out the destination", kProxyBinary, true,
     introduce<[](const ConnectionName& name) {
       Bytes header = proxy_header_2(name);
       header[15] = 6;
       return header;
     }>},
    {"up.names-other-family", "The PROXY line says TCP6 where its addresses are of IPv4", kProxyLine, false,
     introduce<[](const ConnectionName& name) { return proxy_header_1(name).replace(9, 1, "6"); }>},
    {"up.names-bare-lf", "The PROXY line ends with LF", kProxyLine, true,
     introduce<[](const ConnectionName& name) {
       Bytes line = proxy_header_1(name);
       return line.erase(line.size() - 2, 1);
     }>},
    {"up.names-wrong-checksum", "The CRC32c of the PROXY header is wrong", kProxyChecksum, true,
     introduce<[](const ConnectionName& name) {
       Bytes header = proxy_header_2(name, {}, true);
       header.back() = static_cast<char>(header.back() ^ 1);
       return header;
     }>},
};

}  // namespace

std::span<const Defect> hop_name_defects() {
  return kHopNames;
}

}  // namespace wsspec
