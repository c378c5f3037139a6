#include "args.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bsd_socket {

namespace {

const char* KindOf(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  switch (type) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      return "a boolean";
    case napi_number:
      return "a number";
    case napi_string:
      return "a string";
    case napi_symbol:
      return "a symbol";
    case napi_function:
      return "a function";
    case napi_bigint:
      return "a bigint";
    default:
      return "an object";
  }
}

// Whole numbers print as such; std::to_string would add six zeros.
std::string Printed(double number) {
  if (number == std::floor(number) && std::fabs(number) < 1e15) {
    return std::to_string(static_cast<int64_t>(number));
  }
  return std::to_string(number);
}

}  // namespace

void Args::WrongKind(const char* name, const char* expected, napi_value actual) {
  if (failed_) return;
  failed_ = true;
  const std::string message = std::string(function_) + "(): " + name + " must be " + expected + ", not " +
                              KindOf(info_.Env(), actual);
  napi_throw_type_error(info_.Env(), "ERR_INVALID_ARG_TYPE", message.c_str());
}

void Args::OutOfRange(const char* name, const std::string& expected, double actual) {
  if (failed_) return;
  failed_ = true;
  const std::string message =
      std::string(function_) + "(): " + name + " must be " + expected + ", not " + Printed(actual);
  napi_throw_range_error(info_.Env(), "ERR_OUT_OF_RANGE", message.c_str());
}

double Args::Integer(const char* name, double least, double most) {
  const napi_value value = Next();
  double number = 0;
  if (napi_get_value_double(info_.Env(), value, &number) != napi_ok) {
    WrongKind(name, "an integer", value);
    return 0;
  }
  // Written so that NaN fails too. The limits fit 64 bits, and a cast is cheaper than std::trunc.
  if (!(number >= least && number <= most) || number != static_cast<double>(static_cast<int64_t>(number))) {
    OutOfRange(name, "an integer from " + Printed(least) + " to " + Printed(most), number);
    return 0;
  }
  return number;
}

int Args::Int(const char* name) {
  return static_cast<int>(
      Integer(name, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

uint32_t Args::Unsigned(const char* name, uint32_t most) {
  return static_cast<uint32_t>(Integer(name, 0, most));
}

uint32_t Args::Bits(const char* name) {
  const double number = Integer(name, std::numeric_limits<int32_t>::min(), UINT32_MAX);
  return static_cast<uint32_t>(static_cast<int64_t>(number));
}

uint64_t Args::Unsigned64(const char* name) {
  const napi_value value = Next();
  uint64_t number = 0;
  bool lossless = false;
  if (napi_get_value_bigint_uint64(info_.Env(), value, &number, &lossless) != napi_ok) {
    WrongKind(name, "a bigint", value);
    return 0;
  }
  if (!lossless) {
    OutOfRange(name, "a bigint of 64 bits without a sign", static_cast<double>(number));
    return 0;
  }
  return number;
}

int64_t Args::Offset(const char* name) {
  constexpr double kMostExact = 9007199254740991;
  return static_cast<int64_t>(Integer(name, 0, kMostExact));
}

double Args::Double(const char* name) {
  const napi_value value = Next();
  double number = 0;
  if (napi_get_value_double(info_.Env(), value, &number) != napi_ok) {
    WrongKind(name, "a number", value);
    return 0;
  }
  if (std::isnan(number)) {
    OutOfRange(name, "a number", number);
    return 0;
  }
  return number;
}

bool Args::Bool(const char* name) {
  const napi_value value = Next();
  bool result = false;
  if (napi_get_value_bool(info_.Env(), value, &result) != napi_ok) WrongKind(name, "a boolean", value);
  return result;
}

std::string Args::String(const char* name) {
  const napi_value value = Next();
  size_t length = 0;
  if (napi_get_value_string_utf8(info_.Env(), value, nullptr, 0, &length) != napi_ok) {
    WrongKind(name, "a string", value);
    return {};
  }
  std::string result(length, '\0');
  // The copy ends with a NUL, for which std::string has room behind its end.
  napi_get_value_string_utf8(info_.Env(), value, &result[0], length + 1, &length);
  if (result.find('\0') != std::string::npos) {
    WrongKind(name, "a string without NUL", value);
    return {};
  }
  return result;
}

bool Args::NullableString(const char* name, std::string* out) {
  if (Skip()) return false;
  *out = String(name);
  return true;
}

bool Args::Skip() {
  const napi_value value = info_[index_];
  napi_valuetype type = napi_undefined;
  napi_typeof(info_.Env(), value, &type);
  if (type != napi_null && type != napi_undefined) return false;
  ++index_;
  return true;
}

bool Args::IsNumber() const {
  napi_valuetype type = napi_undefined;
  napi_typeof(info_.Env(), info_[index_], &type);
  return type == napi_number;
}

bool Args::IsView() const {
  bool result = false;
  napi_is_buffer(info_.Env(), info_[index_], &result);
  return result;
}

Span Args::Bytes(const char* name) {
  return BytesOf(name, Next());
}

// napi_is_buffer is true for every ArrayBufferView, shared memory included,
// and napi_get_buffer_info gives its length in bytes: 0 when the memory has
// been detached or a resizable buffer has shrunk below it. It must not be asked
// about anything else, since it aborts the process then (as of Node 20).
Span Args::BytesOf(const char* name, napi_value value) {
  bool is_view = false;
  napi_is_buffer(info_.Env(), value, &is_view);
  if (!is_view) {
    WrongKind(name, "an ArrayBufferView", value);
    return {};
  }
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_buffer_info(info_.Env(), value, &data, &size) != napi_ok) {
    WrongKind(name, "an attached ArrayBufferView", value);
    return {};
  }
  return {static_cast<uint8_t*>(data), size};
}

Span Args::Bytes(const char* name, size_t least, size_t most) {
  const Span span = Bytes(name);
  if (failed_ || (span.size >= least && span.size <= most)) return span;
  const std::string limit =
      span.size < least ? "at least " + std::to_string(least) : "at most " + std::to_string(most);
  OutOfRange(name, limit + " bytes", static_cast<double>(span.size));
  return {};
}

int Args::Flags() {
  return AtEnd() ? 0 : Int("flags");
}

Span Args::Part(Span whole) {
  if (AtEnd()) return whole;
  const double size = static_cast<double>(whole.size);
  const double offset = Integer("offset", 0, size);
  const double length = Integer("length", 0, size - offset);
  if (failed_) return {};
  return {whole.data + static_cast<size_t>(offset), static_cast<size_t>(length)};
}

void Args::Views(const char* name, Vectors* out) {
  const napi_value array = Next();
  bool is_array = false;
  napi_is_array(info_.Env(), array, &is_array);
  if (!is_array) WrongKind(name, "an array of ArrayBufferViews", array);
  if (failed_) return;
  uint32_t length = 0;
  napi_get_array_length(info_.Env(), array, &length);
  const size_t count = std::min<size_t>(length, Vectors::kMost);
  napi_value views[Vectors::kMost];
  for (size_t i = 0; i < count; ++i) {
    // The error of a getter is the caller's, and on its way already.
    failed_ = napi_get_element(info_.Env(), array, static_cast<uint32_t>(i), &views[i]) != napi_ok;
    if (failed_) return;
  }
  // Only now, since a getter may have detached the memory of another element.
  for (size_t i = 0; i < count && !failed_; ++i) {
    const Span span = BytesOf(name, views[i]);
    out->items[i] = {span.data, span.size};
  }
  out->count = count;
}

Span Args::Int32Array(const char* name, size_t least) {
  const Napi::Value value = info_[index_];
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_int32_array) {
    return Bytes(name, least * sizeof(int32_t));
  }
  WrongKind(name, "an Int32Array", Next());
  return {};
}

int32_t* Args::SharedCells(const char* name, size_t least) {
  const Napi::Value value = info_[index_];
  const Span span = Int32Array(name, least);
  if (failed_) return nullptr;
  napi_value buffer = nullptr;
  napi_get_typedarray_info(info_.Env(), value, nullptr, nullptr, nullptr, &buffer, nullptr);
  bool own = true;
  napi_is_arraybuffer(info_.Env(), buffer, &own);
  if (!own) return reinterpret_cast<int32_t*>(span.data);
  WrongKind(name, "an Int32Array of shared memory", value);
  return nullptr;
}

int32_t* Args::SharedCell(const char* name) {
  const Napi::Value value = info_[index_];
  int32_t* cells = SharedCells(name, 1);
  const size_t count = failed_ ? 1 : value.As<Napi::TypedArray>().ElementLength();
  const double index = Integer("index", 0, static_cast<double>(count) - 1);
  return failed_ ? nullptr : cells + static_cast<size_t>(index);
}

Napi::Function Args::Function(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsFunction()) {
    WrongKind(name, "a function", value);
    return {};
  }
  return value.As<Napi::Function>();
}

}  // namespace bsd_socket
