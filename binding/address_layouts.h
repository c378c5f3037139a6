// The kernel's address structures that the headers of a build machine may lack,
// or know in an older form. They are part of the kernel's interface and will
// not change; the assertions say what the kernel expects.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bsd_socket {

struct SockaddrVsock {
  uint16_t family;
  uint16_t reserved;
  uint32_t port;
  uint32_t cid;
  uint8_t flags;
  uint8_t zero[3];
};
static_assert(sizeof(SockaddrVsock) == 16 && offsetof(SockaddrVsock, cid) == 8, "struct sockaddr_vm");

struct SockaddrQipcrtr {
  uint16_t family;
  uint32_t node;
  uint32_t port;
};
static_assert(sizeof(SockaddrQipcrtr) == 12 && offsetof(SockaddrQipcrtr, node) == 4, "struct sockaddr_qrtr");

// What the three values are depends on the type: see address_tipc.cpp.
struct SockaddrTipc {
  uint16_t family;
  uint8_t type;
  int8_t scope;
  uint32_t values[3];
};
static_assert(sizeof(SockaddrTipc) == 16 && offsetof(SockaddrTipc, values) == 4, "struct sockaddr_tipc");

struct SockaddrAlg {
  uint16_t family;
  char type[14];
  uint32_t features;
  uint32_t mask;
  char name[64];
};
static_assert(sizeof(SockaddrAlg) == 88 && offsetof(SockaddrAlg, name) == 24, "struct sockaddr_alg");

struct SockaddrCan {
  uint16_t family;
  int32_t interface;
  union {
    struct {
      uint32_t rx_id;
      uint32_t tx_id;
    } isotp;
    struct {
      uint64_t name;
      uint32_t pgn;
      uint8_t address;
    } j1939;
  };
};
static_assert(sizeof(SockaddrCan) == 24 && offsetof(SockaddrCan, isotp) == 8 &&
                  offsetof(SockaddrCan, j1939.pgn) == 16 && offsetof(SockaddrCan, j1939.address) == 20,
              "struct sockaddr_can");

// Six bytes, the last one of the text form first.
struct BluetoothDevice {
  uint8_t bytes[6];
};

struct SockaddrL2cap {
  uint16_t family;
  uint16_t psm;
  BluetoothDevice device;
  uint16_t cid;
  uint8_t device_type;
};
static_assert(sizeof(SockaddrL2cap) == 14 && offsetof(SockaddrL2cap, device_type) == 12,
              "struct sockaddr_l2");

struct SockaddrRfcomm {
  uint16_t family;
  BluetoothDevice device;
  uint8_t channel;
};
static_assert(sizeof(SockaddrRfcomm) == 10 && offsetof(SockaddrRfcomm, channel) == 8, "struct sockaddr_rc");

struct SockaddrHci {
  uint16_t family;
  uint16_t device;
  uint16_t channel;
};
static_assert(sizeof(SockaddrHci) == 6, "struct sockaddr_hci");

struct SockaddrSco {
  uint16_t family;
  BluetoothDevice device;
};
static_assert(sizeof(SockaddrSco) == 8, "struct sockaddr_sco");

}  // namespace bsd_socket
