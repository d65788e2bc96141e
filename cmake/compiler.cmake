# Compilers, flags and tools that hold for every target of ours.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

# --- build types, one per preset family -------------------------------------------------------------------------
# Dev keeps assertions (no NDEBUG) and the checks of the standard library; it compiles in three fifths of the time of
# -O2 -g. Lint only has to parse.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_LINT "-O0")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev)
endif()

# --- machine ----------------------------------------------------------------------------------------------------
# x86-64-v2 (SSE4.2, in every server since 2009) gives crc32 and the shuffles that the codecs use.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  add_compile_options(-march=x86-64-v2)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  add_compile_options(-march=armv8-a+crc)
endif()

# Paths in binaries and messages start at the source root: builds compare equal wherever they were made.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)

# --- sanitizers -------------------------------------------------------------------------------------------------
if(TUNDISH_SANITIZE)
  add_compile_options(-fsanitize=${TUNDISH_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TUNDISH_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND TUNDISH_SANITIZE MATCHES "undefined")
    # These two double the time that g++ needs. A null pointer shows in the address sanitizer as well, and the preset
    # fuzz (clang) has both.
    add_compile_options(-fno-sanitize=vptr,null)
  endif()
  add_compile_definitions(TUNDISH_SANITIZED=1)  # for tests that measure time or memory
endif()
if(TUNDISH_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "libFuzzer comes with clang: use cmake --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# --- warnings: on our code only (third-party headers come in as SYSTEM) -------------------------------------------
add_library(tundish_warnings INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tundish_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(TUNDISH_WERROR)
    target_compile_options(tundish_warnings INTERFACE -Werror)
  endif()
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False positives in operator+ of std::string at -O3 (GCC bug 105651, repaired in 13).
    target_compile_options(tundish_warnings INTERFACE -Wno-restrict)
  endif()
else()
  # Builds with clang (fuzz, lint) must not stop at a warning that g++ does not know; g++ is the one that has to be
  # content. libstdc++ 12 calls a function of its own that clang knows to be deprecated.
  target_compile_options(tundish_warnings INTERFACE -Wall -Wextra -Wpedantic -Wno-deprecated-declarations)
endif()
# Optimised sanitizer builds of g++ 12 report false positives inside the standard library.
if(TUNDISH_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tundish_warnings INTERFACE
    -Wno-error=maybe-uninitialized -Wno-error=array-bounds -Wno-error=stringop-overflow
    -Wno-error=stringop-overread -Wno-error=null-dereference
    -Wno-error=tsan)  # Boost.Asio has fences, which the thread sanitizer of g++ does not follow
endif()

# --- faster builds ----------------------------------------------------------------------------------------------
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what precompiled headers need; base directory and nohashdir let clones share their results.
  set(CMAKE_CXX_COMPILER_LAUNCHER env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    ${CCACHE_PROGRAM})
endif()
if(CCACHE_PROGRAM AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()

# Two links of large test programs at a time are enough for memory, whatever the number of cores.
set_property(GLOBAL APPEND PROPERTY JOB_POOLS link_pool=2)
set(CMAKE_JOB_POOL_LINK link_pool)
