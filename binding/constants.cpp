// The constants: every name of constants.list. The package's own code takes
// their values by their places in the list; an object with the names comes on
// request, for those who know a name at run time.
//
// The headers here are those whose numbers depend on the machine or on libc, and
// there the header's number wins. The numbers of the other headers in linux/ are
// the same on every machine, so the list speaks for them, which spares us their
// conflicts with libc's headers. test/constants.test.ts compares it with them all.
#include <errno.h>
#include <limits.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#ifdef __linux__
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/vm_sockets.h>
#include <sys/epoll.h>
#endif

#include <iterator>

#include "addon.h"

namespace bsd_socket {

namespace {

struct Constant {
  const char* name;
  double number;     // a double, as in JavaScript, holds the signed and the unsigned ones alike
  const char* text;  // null for a number
  bool known;        // whether this system has it
};

#define INTEGER(name, value) {#name, static_cast<double>(value), nullptr, true},
#define STRING(name, value) {#name, 0, value, true},
#define MISSING(name) {#name, 0, nullptr, false},
constexpr Constant kConstants[] = {
#include "constants.inc"
};
#undef INTEGER
#undef STRING
#undef MISSING

napi_status ValueOf(napi_env env, const Constant& constant, napi_value* value) {
  if (constant.text == nullptr) return napi_create_double(env, constant.number, value);
  return napi_create_string_latin1(env, constant.text, NAPI_AUTO_LENGTH, value);
}

// constants() -> { name: value, ... }, a new frozen object each time. What can
// fail here and below leaves an exception pending.
Napi::Value Constants(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = Napi::Object::New(env);
  for (const Constant& constant : kConstants) {
    if (!constant.known) continue;
    napi_value value;
    if (ValueOf(env, constant, &value) != napi_ok) return {};
    if (napi_set_named_property(env, object, constant.name, value) != napi_ok) return {};
  }
  napi_object_freeze(env, object);
  return object;
}

}  // namespace

// constantValues: the values in the order of the list, with a hole where this
// system lacks one. It is made at every load, and an array takes 0.3 ms where
// the object with the names takes 1 ms.
void RegisterConstants(Napi::Env env, Napi::Object exports) {
  const Napi::Array values = Napi::Array::New(env, std::size(kConstants));
  uint32_t place = 0;
  for (const Constant& constant : kConstants) {
    napi_value value;
    if (constant.known && (ValueOf(env, constant, &value) != napi_ok ||
                           napi_set_element(env, values, place, value) != napi_ok)) {
      return;
    }
    ++place;
  }
  exports.Set("constantValues", values);
  exports.Set("constantsList", CONSTANTS_LIST);
  Export<Constants>(exports, "constants");
}

}  // namespace bsd_socket
