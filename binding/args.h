// The arguments of a native call, read one after the other. This is the only
// place that throws: a TypeError for the wrong kind, a RangeError for a number
// or a byte range outside its limits. After the first failure the readers hand
// out zeros and empty ranges, so that a call reads all its arguments and then
// asks `failed()` once, before it does anything.
#pragma once

#include <limits.h>
#include <napi.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace bsd_socket {

// Bytes that belong to JavaScript. They are valid until the call returns; no
// file keeps a Span longer.
struct Span {
  uint8_t* data = nullptr;
  size_t size = 0;
};

// The memory of one scatter or gather call. What is more than the kernel takes
// is cut to one too many, so that the kernel refuses it.
struct Vectors {
  static constexpr size_t kMost = IOV_MAX + 1;
  iovec items[kMost];
  size_t count = 0;
};

class Args {
 public:
  Args(const Napi::CallbackInfo& info, const char* function) : info_(info), function_(function) {}

  int Int(const char* name);  // a C int
  uint32_t Unsigned(const char* name, uint32_t most = UINT32_MAX);
  uint32_t Bits(const char* name);        // 32 of them; with the highest set a number is negative or not
  uint64_t Unsigned64(const char* name);  // a bigint
  int64_t Offset(const char* name);       // of a file: 0 to 2 ** 53 - 1
  double Double(const char* name);        // any number but NaN
  bool Bool(const char* name);            // true or false, nothing else
  std::string String(const char* name);   // UTF-8 without NUL
  bool NullableString(const char* name, std::string* out);             // false for null and undefined
  Span Bytes(const char* name);                                        // a whole ArrayBufferView
  Span Bytes(const char* name, size_t least, size_t most = SIZE_MAX);  // one of a limited size
  // Of the last arguments, which may be left out: flags, 0 then, and the offset and length of a part of a
  // span.
  int Flags();
  Span Part(Span whole);
  // An array of whole ArrayBufferViews. Its elements may be getters, so that it
  // has to be read before any Span.
  void Views(const char* name, Vectors* out);
  Span Int32Array(const char* name, size_t least);  // the bytes of one of at least so many cells
  // The cells of an Int32Array over a SharedArrayBuffer, whose memory cannot be
  // taken away; the second form is one cell of it, by its index.
  int32_t* SharedCells(const char* name, size_t least);
  int32_t* SharedCell(const char* name);
  Napi::Function Function(const char* name);
  bool Skip();            // null or undefined: steps over it and says true
  bool IsNumber() const;  // of the next argument
  bool IsView() const;    // of the next argument

  bool failed() const { return failed_; }

 private:
  Napi::Value Next() { return info_[index_++]; }
  bool AtEnd() const { return index_ >= info_.Length(); }
  double Integer(const char* name, double least, double most);
  Span BytesOf(const char* name, napi_value value);
  void WrongKind(const char* name, const char* expected, napi_value actual);
  void OutOfRange(const char* name, const std::string& expected, double actual);

  const Napi::CallbackInfo& info_;
  const char* const function_;
  size_t index_ = 0;
  bool failed_ = false;
};

}  // namespace bsd_socket
