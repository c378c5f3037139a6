// The few functions of libuv that the addon uses, over opaque handles: the size
// comes from uv_handle_size and user data goes through uv_handle_set_data, so
// that no struct layout of one libuv version is compiled in and the build needs
// no uv.h (the npm package node-api-headers has none).
#pragma once

#include <cstddef>

extern "C" {

struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;

constexpr int UV_POLL = 8;      // of enum uv_handle_type
constexpr int UV_READABLE = 1;  // of enum uv_poll_event

uv_loop_s* uv_default_loop(void);
size_t uv_handle_size(int type);
void uv_handle_set_data(uv_handle_s* handle, void* data);
void* uv_handle_get_data(const uv_handle_s* handle);
void uv_close(uv_handle_s* handle, void (*closed)(uv_handle_s* handle));
void uv_ref(uv_handle_s* handle);
void uv_unref(uv_handle_s* handle);
int uv_poll_stop(uv_poll_s* handle);
int uv_poll_init(uv_loop_s* loop, uv_poll_s* handle, int fd);
int uv_poll_start(uv_poll_s* handle, int events, void (*ready)(uv_poll_s* handle, int status, int events));
}
