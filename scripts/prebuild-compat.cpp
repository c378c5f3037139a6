// What the addon refers to and older systems lack, for the prebuilds (prebuild.cmake): they must load with
// glibc 2.28 and with the C++ library of GCC 5, as the official builds of Node do.
#include <signal.h>

#include <cstdlib>

#if defined(__x86_64__)
#define FIRST_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST_GLIBC "GLIBC_2.17"
#else
#error "which glibc was the first of this architecture?"
#endif

// glibc. It moved from libpthread.so.0 to libc.so.6 in 2.32 and got a second version for that, otherwise the
// same. The linker's --wrap sends every call of NAME to __wrap_NAME.
__asm__(".symver first_pthread_sigmask, pthread_sigmask@" FIRST_GLIBC);
extern "C" int first_pthread_sigmask(int how, const sigset_t* set, sigset_t* old);
extern "C" int __wrap_pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
  return first_pthread_sigmask(how, set, old);
}

// The C++ library of GCC 11, for containers. Without exceptions a throw ends the process anyway.
namespace std {
[[noreturn]] void __throw_bad_array_new_length() {
  abort();
}
}  // namespace std
