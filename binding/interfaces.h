// Network interfaces by name and by number, as addresses have them.
#pragma once

#include <string>

namespace bsd_socket {

// In the network namespace of a socket. -errno where there is none of the name.
int InterfaceIndex(int fd, const std::string& name);

// The other way round; empty where there is none of the number. Without a
// socket (fd < 0) the thread's network namespace counts.
std::string InterfaceName(int fd, int index);

}  // namespace bsd_socket
