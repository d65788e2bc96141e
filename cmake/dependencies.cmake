# Third-party libraries. tundish_require(NAME...) finds a library the first time that a module asks for it, so a
# build needs only what its modules use. Modules name them in LIBS:
#
#   fmt::fmt spdlog::spdlog CLI11::CLI11 yaml-cpp SQLite::SQLite3 OpenSSL::SSL OpenSSL::Crypto simdjson::simdjson
#   CURL::libcurl Boost::headers Boost::json Boost::url ZLIB::ZLIB Threads::Threads
#   tundish::sodium tundish::zstd tundish::lz4 tundish::highway tundish::open62541 tundish::rapidcheck tundish::benchmark
#   GTest::gtest GTest::gmock (test programs have both already, and tundish::rapidcheck)
#
# A new library: a branch here, its Debian package in tools/setup.d/packages, its one wrapper in tools/check_includes,
# its licence in THIRD_PARTY.md.

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

macro(tundish_require)
  foreach(_library ${ARGN})
    if(NOT TARGET ${_library})
      tundish_find(${_library})
    endif()
  endforeach()
endmacro()

# A library without CMake files of its own: a header and a library file.
function(tundish_find_plain target header library)
  string(MAKE_C_IDENTIFIER ${library} id)
  find_path(${id}_INCLUDE_DIR ${header} REQUIRED)
  find_library(${id}_LIBRARY ${library} REQUIRED)
  mark_as_advanced(${id}_INCLUDE_DIR ${id}_LIBRARY)
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${${id}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${${id}_INCLUDE_DIR})
endfunction()

function(tundish_find library)
  if(library STREQUAL "fmt::fmt")
    find_package(fmt 9 REQUIRED)
  elseif(library STREQUAL "spdlog::spdlog")
    find_package(spdlog REQUIRED)
  elseif(library STREQUAL "CLI11::CLI11")
    find_package(CLI11 REQUIRED)
  elseif(library STREQUAL "yaml-cpp")
    find_package(yaml-cpp REQUIRED)
    if(NOT TARGET yaml-cpp)  # from 0.8 on the target has a namespace
      add_library(yaml-cpp INTERFACE IMPORTED GLOBAL)
      target_link_libraries(yaml-cpp INTERFACE yaml-cpp::yaml-cpp)
    endif()
  elseif(library STREQUAL "SQLite::SQLite3")
    find_package(SQLite3 3.40 REQUIRED)
  elseif(library MATCHES "^OpenSSL::")
    find_package(OpenSSL 3 REQUIRED)
  elseif(library STREQUAL "simdjson::simdjson")
    find_package(simdjson 3 REQUIRED)
  elseif(library MATCHES "^Boost::")
    find_package(Boost 1.81 REQUIRED COMPONENTS json url)
  elseif(library STREQUAL "ZLIB::ZLIB")
    find_package(ZLIB REQUIRED)
  elseif(library STREQUAL "CURL::libcurl")
    find_package(CURL 7.85 REQUIRED)
  elseif(library STREQUAL "Threads::Threads")
    find_package(Threads REQUIRED)
  elseif(library STREQUAL "tundish::sodium")
    tundish_find_plain(tundish::sodium sodium.h sodium)
  elseif(library STREQUAL "tundish::zstd")
    tundish_find_plain(tundish::zstd zstd.h zstd)
  elseif(library STREQUAL "tundish::highway")
    tundish_find_plain(tundish::highway hwy/highway.h hwy)
  elseif(library STREQUAL "tundish::lz4")
    tundish_find_plain(tundish::lz4 lz4.h lz4)
  elseif(library STREQUAL "tundish::open62541")
    tundish_find_open62541()
  elseif(library MATCHES "^GTest::")
    find_package(GTest 1.12 REQUIRED)
  elseif(library STREQUAL "tundish::rapidcheck")
    tundish_find_plain(tundish::rapidcheck rapidcheck.h rapidcheck)
  elseif(library STREQUAL "tundish::benchmark")
    find_package(benchmark REQUIRED)
    add_library(tundish::benchmark INTERFACE IMPORTED GLOBAL)
    target_link_libraries(tundish::benchmark INTERFACE benchmark::benchmark benchmark::benchmark_main)
  else()
    message(FATAL_ERROR "unknown library ${library}: add it to cmake/dependencies.cmake")
  endif()
  if(NOT TARGET ${library})
    message(FATAL_ERROR "${library} was not found: run tools/setup test")
  endif()
endfunction()

# The system's open62541, else the one that tools/setup unpacked into .deps/. The old kind of rpath (DT_RPATH) is
# what reaches the mbedTLS libraries that open62541 itself loads from the same folder; the new kind does not.
function(tundish_find_open62541)
  set(prefix ${PROJECT_SOURCE_DIR}/.deps/open62541/usr)
  find_package(open62541 1.4 REQUIRED HINTS ${prefix})
  add_library(tundish::open62541 INTERFACE IMPORTED GLOBAL)
  target_link_libraries(tundish::open62541 INTERFACE open62541::open62541)
  if(open62541_DIR MATCHES "/\\.deps/")
    cmake_path(SET library_folder NORMALIZE "${open62541_DIR}/../..")
    string(REGEX REPLACE "/$" "" library_folder "${library_folder}")
    target_link_options(tundish::open62541 INTERFACE
      "LINKER:-rpath,${library_folder}" LINKER:--disable-new-dtags
      "LINKER:-rpath-link,${library_folder}")
  endif()
endfunction()
