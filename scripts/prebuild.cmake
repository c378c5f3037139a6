# What the published binaries have and a developer's build has not: they load on every system that the official
# builds of Node run on, which ask for glibc 2.28. CMake reads this file right after project(), told to by
# CMAKE_PROJECT_INCLUDE.
#
# The C++ library is linked as usual. Node's own binary needs libstdc++.so.6, so it is there, if not always a recent
# one; a static copy would bring newer symbols of glibc along.

# What is compiled on Debian 12, with glibc 2.36 and GCC 12, may refer to newer symbols than that. Those that did are
# in prebuild-compat.cpp; test/package/package.test.ts names the version of the next one that comes along.
add_library(compat OBJECT ${CMAKE_CURRENT_LIST_DIR}/prebuild-compat.cpp)
set_target_properties(compat PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
add_link_options(-Wl,--wrap=pthread_sigmask)
link_libraries(compat)
