// The parking lot: threads wait for cells of shared memory in it, as with
// futex(2), but in poll(2) and on the event loop. See parking.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>

namespace bsd_socket {

// Somebody who waits. What Wake() does happens under the lot's lock.
class Parked {
 public:
  explicit Parked(const int32_t* cell) : cell_(cell) {}
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;
  virtual ~Parked() = default;

  // Told once; it has left the lot then, unless it stays.
  virtual void Wake() = 0;
  // Whether it is told again and again, until it leaves.
  virtual bool stays() const { return false; }
  // The event loop on which it waits; null for a thread that is blocked.
  virtual const void* loop() const { return nullptr; }

  const int32_t* cell() const { return cell_; }

 private:
  friend class Lot;
  const int32_t* const cell_;
  bool in_lot_ = false;
  uint64_t arrival_ = 0;
  std::list<Parked*>::iterator place_;
};

constexpr uint32_t kEverybody = UINT32_MAX;

// Enters where the cell holds `expected`, and says whether it does: nobody can
// change the cell and unpark in between unseen.
bool Park(Parked* parked, int32_t expected);
// Enters whatever the cell holds.
void Park(Parked* parked);
// Leaves, if that has not happened yet; says whether it was still there.
bool Leave(Parked* parked);
// Wakes so many of the threads that have been blocked longest, and of each event
// loop so many of those that came before these. Returns how many it were.
uint32_t Unpark(const int32_t* cell, uint32_t count);
// Wakes all that stay.
void WakeStaying();

}  // namespace bsd_socket
