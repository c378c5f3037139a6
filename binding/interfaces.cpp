// if_nameindex(3) and its relatives: network interfaces by name and by number.
#include "interfaces.h"

#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "addon.h"
#include "args.h"
#include "result.h"

namespace bsd_socket {

int InterfaceIndex(int fd, const std::string& name) {
  ifreq request = {};
  // A name that was cut short would be another one's.
  if (name.size() >= sizeof request.ifr_name) return -ENODEV;
  memcpy(request.ifr_name, name.data(), name.size());
  return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? -errno : request.ifr_ifindex;
}

std::string InterfaceName(int fd, int index) {
  if (index == 0) return {};
  ifreq request = {};
  if (fd < 0) {
    return if_indextoname(static_cast<unsigned>(index), request.ifr_name) != nullptr ? request.ifr_name : "";
  }
  request.ifr_ifindex = index;
  return ioctl(fd, SIOCGIFNAME, &request) < 0 ? "" : request.ifr_name;
}

namespace {

// if_nameindex() -> [[index, name], ...] or -errno
Napi::Value IfNameindex(const Napi::CallbackInfo& info) {
  struct if_nameindex* list = if_nameindex();
  if (list == nullptr) return Result(info.Env(), -1);
  Napi::Array rows = Napi::Array::New(info.Env());
  uint32_t count = 0;
  // The end of the list has no name.
  for (const struct if_nameindex* entry = list; entry->if_name != nullptr; ++entry) {
    Napi::Array row = Napi::Array::New(info.Env(), 2);
    row.Set(0u, Napi::Number::New(info.Env(), entry->if_index));
    row.Set(1u, Napi::String::New(info.Env(), entry->if_name));
    rows.Set(count++, row);
  }
  if_freenameindex(list);
  return rows;
}

// if_nametoindex(name) -> index or -errno
Napi::Value IfNametoindex(const Napi::CallbackInfo& info) {
  Args args(info, "if_nametoindex");
  const std::string name = args.String("name");
  if (args.failed()) return {};
  const unsigned index = if_nametoindex(name.c_str());
  return index == 0 ? Result(info.Env(), -1) : Napi::Value(Napi::Number::New(info.Env(), index));
}

// if_indextoname(index) -> string or -errno
Napi::Value IfIndextoname(const Napi::CallbackInfo& info) {
  Args args(info, "if_indextoname");
  const uint32_t index = args.Unsigned("index");
  if (args.failed()) return {};
  char name[IF_NAMESIZE] = "";
  if (if_indextoname(index, name) == nullptr) return Result(info.Env(), -1);
  return Napi::String::New(info.Env(), name);
}

}  // namespace

void RegisterInterfaces(Napi::Env, Napi::Object exports) {
  Export<IfNameindex>(exports, "if_nameindex");
  Export<IfNametoindex>(exports, "if_nametoindex");
  Export<IfIndextoname>(exports, "if_indextoname");
}

}  // namespace bsd_socket
