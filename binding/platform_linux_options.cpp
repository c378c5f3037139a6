// Values of options which tell the kernel how much to write, or where to. It
// believes them; whoever calls from JavaScript knows no address and must not get
// beyond the memory of a view.
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "platform.h"

namespace bsd_socket::platform {

namespace {

// Headers may be older than the kernel, and those of the kernel and of libc do
// not go together everywhere.
constexpr int kSolMptcp = 284;
constexpr int kMptcpFullInfo = 4;
constexpr int kTcpZerocopyReceive = 35;
constexpr int kTcpAoGetKeys = 41;
constexpr int kReplace = 64;  // IPT_SO_SET_REPLACE and IP6T_SO_SET_REPLACE
constexpr int kArptReplace = 96;
constexpr int kEbtSetEntries = 128;
constexpr int kEbtGetEntries = 129;
constexpr int kEbtGetInitEntries = 131;

// struct ebt_replace
struct EbtReplace {
  char name[32];
  unsigned int valid_hooks;
  unsigned int nentries;
  unsigned int entries_size;
  void* hook_entry[6];
  unsigned int num_counters;
  void* counters;
  void* entries;
};

// Where the value of an option has addresses that the kernel writes to; 0 for none.
struct Addresses {
  int level;
  int option;
  size_t at[2];
};

constexpr Addresses kRead[] = {
    // struct tcp_zerocopy_receive: copybuf_address, msg_control
    {IPPROTO_TCP, kTcpZerocopyReceive, {24, 40}},
    // struct mptcp_full_info: subflow_info, tcp_info
    {kSolMptcp, kMptcpFullInfo, {24, 32}},
    {IPPROTO_IP, kEbtGetEntries, {offsetof(EbtReplace, counters), offsetof(EbtReplace, entries)}},
    {IPPROTO_IP, kEbtGetInitEntries, {offsetof(EbtReplace, counters), offsetof(EbtReplace, entries)}},
};

// The counters of the old entries go there.
constexpr Addresses kWritten[] = {
    {IPPROTO_IP, kReplace, {88, 0}},
    {IPPROTO_IPV6, kReplace, {88, 0}},
    {IPPROTO_IP, kArptReplace, {72, 0}},
    {IPPROTO_IP, kEbtSetEntries, {offsetof(EbtReplace, counters), 0}},
};

// Where the value of an option says for how many elements there is room, which
// the kernel takes for granted.
struct Count {
  int level;
  int option;
  size_t at;       // of the count, 32 bits
  size_t first;    // of the elements
  size_t element;  // bytes of one; 0 where the whole value is one
};

constexpr Count kCounts[] = {
    {IPPROTO_IP, IP_MSFILTER, offsetof(ip_msfilter, imsf_numsrc), offsetof(ip_msfilter, imsf_slist),
     sizeof(in_addr)},
    {IPPROTO_IP, MCAST_MSFILTER, offsetof(group_filter, gf_numsrc), offsetof(group_filter, gf_slist),
     sizeof(sockaddr_storage)},
    {IPPROTO_IPV6, MCAST_MSFILTER, offsetof(group_filter, gf_numsrc), offsetof(group_filter, gf_slist),
     sizeof(sockaddr_storage)},
    // struct tcp_ao_getsockopt: nkeys
    {IPPROTO_TCP, kTcpAoGetKeys, 272, 0, 0},
};

template <typename Entry, size_t size>
const Entry* Find(const Entry (&table)[size], int level, int option) {
  for (const Entry& entry : table) {
    if (entry.level == level && entry.option == option) return &entry;
  }
  return nullptr;
}

// A copy of a value, in which no other thread changes anything: the view may be
// of shared memory. Behind it there are zeros up to `room`. Null where there is
// no memory for it.
std::unique_ptr<uint8_t[]> Copy(const void* value, size_t size, size_t room) {
  std::unique_ptr<uint8_t[]> copy(new (std::nothrow) uint8_t[room]());
  if (copy == nullptr) errno = ENOMEM;
  if (copy != nullptr) std::copy_n(static_cast<const uint8_t*>(value), size, copy.get());
  return copy;
}

void ClearAddresses(const Addresses& addresses, uint8_t* value, size_t size) {
  for (const size_t at : addresses.at) {
    if (at > 0 && at < size) std::memset(value + at, 0, std::min(sizeof(void*), size - at));
  }
}

// `value` has room for the count, also where it is shorter itself.
void LimitCount(const Count& count, uint8_t* value, size_t size) {
  uint32_t number = 0;
  std::memcpy(&number, value + count.at, sizeof number);
  const size_t room = count.element == 0 ? 1 : (std::max(size, count.first) - count.first) / count.element;
  number = static_cast<uint32_t>(std::min<size_t>(number, room));
  std::memcpy(value + count.at, &number, sizeof number);
}

}  // namespace

ssize_t Getsockopt(int fd, int level, int option, void* value, size_t size) {
  auto length = static_cast<socklen_t>(size);
  if (level == SOL_SOCKET && option == SO_GET_FILTER) {
    // The kernel counts instructions, and a length of 0 would ask for their number alone.
    length = static_cast<socklen_t>(size / sizeof(sock_filter));
    if (length == 0) {
      errno = EINVAL;
      return -1;
    }
    if (getsockopt(fd, level, option, value, &length) < 0) return -1;
    return static_cast<ssize_t>(length * sizeof(sock_filter));
  }
  const Addresses* addresses = Find(kRead, level, option);
  const Count* count = Find(kCounts, level, option);
  if (addresses == nullptr && count == nullptr) {
    return getsockopt(fd, level, option, value, &length) < 0 ? -1 : static_cast<ssize_t>(length);
  }
  // The kernel writes to the count even where the value is too short to have it.
  const size_t least = count == nullptr ? 0 : count->at + sizeof(uint32_t);
  const auto copy = Copy(value, size, std::max(size, least));
  if (copy == nullptr) return -1;
  if (addresses != nullptr) ClearAddresses(*addresses, copy.get(), size);
  if (count != nullptr) LimitCount(*count, copy.get(), size);
  if (getsockopt(fd, level, option, copy.get(), &length) < 0) return -1;
  std::copy_n(copy.get(), size, static_cast<uint8_t*>(value));
  return static_cast<ssize_t>(std::min<size_t>(length, size));
}

int Setsockopt(int fd, int level, int option, const void* value, size_t size) {
  const auto length = static_cast<socklen_t>(size);
  const Addresses* addresses = Find(kWritten, level, option);
  if (addresses == nullptr) return setsockopt(fd, level, option, value, length);
  const auto copy = Copy(value, size, size);
  if (copy == nullptr) return -1;
  ClearAddresses(*addresses, copy.get(), size);
  return setsockopt(fd, level, option, copy.get(), length);
}

const size_t kFilterMost = UINT16_MAX * sizeof(sock_filter);

int AttachFilter(int fd, int level, int option, void* program, size_t size) {
  sock_fprog fprog = {};
  fprog.len = static_cast<unsigned short>(size / sizeof(sock_filter));
  fprog.filter = static_cast<sock_filter*>(program);
  return setsockopt(fd, level, option, &fprog, sizeof fprog);
}

}  // namespace bsd_socket::platform
