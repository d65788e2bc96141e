# One function makes everything that belongs to a folder, so that each file is listed once.
include(GoogleTest)

# tundish_module(
#   NAME       folder below src/, for example historian or wire/batch
#   SOURCES    library sources; without any the module is headers only
#   DEPENDS    modules of ours, by NAME
#   LIBS       third-party libraries (cmake/dependencies.cmake)
#   TESTS      *_test.cc: one GoogleTest program for all of them, with RapidCheck at hand
#   SLOW_TESTS *_test.cc that take more than a second: a second program, label "slow"
#   TEST_DEPENDS, TEST_LIBS   what only the tests need
#   FUZZ       *_fuzz.cc, each with LLVMFuzzerTestOneInput: a libFuzzer program in the preset fuzz, elsewhere a test
#              that replays corpus/<stem>/
#   BENCH      *_bench.cc: each a Google Benchmark program (-DTUNDISH_BENCH=ON; make bench)
#   PCH        heavy third-party headers to precompile, for example <fmt/format.h>
# )
# Targets, with slashes in NAME turned into underscores: tundish_<name>, <name>_test, <name>_slow_test,
# <stem of each fuzz file> (or <stem>_replay), <stem of each bench file>.
# Includes are written from src/: #include "historian/journal.h".
function(tundish_module)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME"
    "SOURCES;DEPENDS;LIBS;TESTS;SLOW_TESTS;TEST_DEPENDS;TEST_LIBS;FUZZ;BENCH;PCH")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME)
    message(FATAL_ERROR "tundish_module(${arg_NAME}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  string(REPLACE "/" "_" name ${arg_NAME})
  set(library tundish_${name})
  set_property(GLOBAL APPEND PROPERTY TUNDISH_WANTED ${arg_DEPENDS})
  tundish_require(${arg_LIBS})

  if(arg_SOURCES)
    add_library(${library} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${library} PRIVATE tundish_warnings)
    if(arg_PCH)
      target_precompile_headers(${library} PRIVATE ${arg_PCH})
    endif()
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${library} ${scope} ${PROJECT_SOURCE_DIR}/src)
  tundish_link(${library} ${scope} "${arg_DEPENDS}" "${arg_LIBS}")

  # With TUNDISH_ONLY what the named modules depend on is built, not tested.
  if(TUNDISH_ONLY AND NOT arg_NAME IN_LIST TUNDISH_ONLY)
    return()
  endif()
  if(TUNDISH_TESTS)
    set(test_arguments DEPENDS ${arg_NAME} ${arg_TEST_DEPENDS} LIBS ${arg_TEST_LIBS})
    if(arg_TESTS)
      tundish_test(${name}_test PREFIX ${arg_NAME} SOURCES ${arg_TESTS} ${test_arguments})
    endif()
    if(arg_SLOW_TESTS)
      tundish_test(${name}_slow_test SLOW PREFIX ${arg_NAME} SOURCES ${arg_SLOW_TESTS} ${test_arguments})
    endif()
  endif()
  foreach(source IN LISTS arg_FUZZ)
    tundish_fuzz(${source} ${library})
  endforeach()
  if(TUNDISH_BENCH)
    foreach(source IN LISTS arg_BENCH)
      tundish_bench(${source} DEPENDS ${arg_NAME})
    endforeach()
  endif()
endfunction()

# tundish_program(NAME tundish SOURCES main.cc DEPENDS app LIBS fmt::fmt): an executable of ours.
function(tundish_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS;LIBS")
  set_property(GLOBAL APPEND PROPERTY TUNDISH_WANTED ${arg_DEPENDS})
  tundish_require(${arg_LIBS})
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_include_directories(${arg_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${arg_NAME} PRIVATE tundish_warnings)
  tundish_link(${arg_NAME} PRIVATE "${arg_DEPENDS}" "${arg_LIBS}")
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

# tundish_test(TARGET [SLOW] [PREFIX p] SOURCES ... DEPENDS ... LIBS ...): one GoogleTest program. Every case is a
# test of ctest, named <prefix>:<Suite.Case>; the cases are asked for when ctest runs, not at every link.
function(tundish_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SLOW" "PREFIX" "SOURCES;DEPENDS;LIBS")
  set_property(GLOBAL APPEND PROPERTY TUNDISH_WANTED ${arg_DEPENDS})
  tundish_require(GTest::gtest GTest::gmock GTest::gtest_main tundish::rapidcheck ${arg_LIBS})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${target} PRIVATE TUNDISH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(TUNDISH_SANITIZE MATCHES "undefined")
    # Doubles the compile time of a test; in the libraries, where it matters, it is on.
    target_compile_options(${target} PRIVATE -fno-sanitize=alignment)
  endif()
  target_link_libraries(${target} PRIVATE tundish_warnings)
  tundish_link(${target} PRIVATE "${arg_DEPENDS}"
    "${arg_LIBS};GTest::gtest;GTest::gmock;GTest::gtest_main;tundish::rapidcheck")
  if(NOT arg_PREFIX)
    set(arg_PREFIX ${target})
  endif()
  set(properties TIMEOUT 60 LABELS unit)
  if(arg_SLOW)
    set(properties TIMEOUT 600 LABELS slow)
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${arg_PREFIX}:" DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} PROPERTIES ${properties})
endfunction()

# A fuzz file becomes <stem> in the preset fuzz, and in the others <stem>_replay: the same code over the kept corpus.
function(tundish_fuzz source library)
  cmake_path(GET source STEM stem)
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${stem})
  if(TUNDISH_FUZZ)
    set(target ${stem})
    add_executable(${target} ${source})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzzers)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    add_dependencies(fuzzers ${target})
    # tools/fuzz reads this list: program, corpus folder.
    set_property(GLOBAL APPEND_STRING PROPERTY TUNDISH_FUZZERS "${stem} ${corpus}\n")
  elseif(TUNDISH_TESTS)
    set(target ${stem}_replay)
    add_executable(${target} ${source} ${PROJECT_SOURCE_DIR}/cmake/fuzz_replay.cc)
    add_test(NAME fuzz:${stem} COMMAND ${target} ${corpus})
    set_tests_properties(fuzz:${stem} PROPERTIES LABELS unit TIMEOUT 60)
  else()
    return()
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE ${library} tundish_warnings)
endfunction()

# tundish_bench(x_bench.cc [DEPENDS ...] [LIBS ...]): one Google Benchmark program, named after the file.
function(tundish_bench source)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBS")
  cmake_path(GET source STEM stem)
  set_property(GLOBAL APPEND PROPERTY TUNDISH_WANTED ${arg_DEPENDS})
  tundish_require(tundish::benchmark ${arg_LIBS})
  add_executable(${stem} ${source})
  target_include_directories(${stem} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${stem} PRIVATE tundish_warnings)
  tundish_link(${stem} PRIVATE "${arg_DEPENDS}" "${arg_LIBS};tundish::benchmark")
  set_target_properties(${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benches)
  if(NOT TARGET benches)
    add_custom_target(benches)
  endif()
  add_dependencies(benches ${stem})
endfunction()

# Links modules of ours and third-party libraries; the latter's headers are SYSTEM, so our warnings stay ours.
function(tundish_link target scope modules libraries)
  foreach(module IN LISTS modules)
    string(REPLACE "/" "_" module ${module})
    target_link_libraries(${target} ${scope} tundish_${module})
  endforeach()
  target_link_libraries(${target} ${scope} ${libraries})
endfunction()

# --- which folders are configured ---------------------------------------------------------------------------------

# A folder with a CMakeLists.txt, else those of its subfolders that have one (connect/opcua, wire/modbus, ...).
function(tundish_add_folder folder)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${folder})
    return()
  endif()
  file(GLOB lists CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*/CMakeLists.txt)
  foreach(list IN LISTS lists)
    cmake_path(GET list PARENT_PATH subfolder)
    add_subdirectory(${subfolder})
  endforeach()
endfunction()

# Only the named modules and, level by level, what they depend on (TUNDISH_ONLY; make module M=...).
function(tundish_add_only)
  set(added "")
  set(wanted ${ARGN})
  while(wanted)
    list(POP_FRONT wanted module)
    # The folder itself, or the nearest one above it that has a CMakeLists.txt.
    set(folder ${module})
    while(folder AND NOT EXISTS ${PROJECT_SOURCE_DIR}/src/${folder}/CMakeLists.txt)
      cmake_path(GET folder PARENT_PATH folder)
    endwhile()
    if(NOT folder)
      message(FATAL_ERROR "there is no src/${module}/CMakeLists.txt")
    endif()
    if(NOT folder IN_LIST added)
      list(APPEND added ${folder})
      set_property(GLOBAL PROPERTY TUNDISH_WANTED "")
      add_subdirectory(src/${folder})
      get_property(more GLOBAL PROPERTY TUNDISH_WANTED)
      list(APPEND wanted ${more})
    endif()
  endwhile()
endfunction()

# Last call of the root: build/fuzz/fuzzers.txt tells tools/fuzz each target and its corpus folder.
function(tundish_write_fuzzers)
  if(TUNDISH_FUZZ)
    get_property(fuzzers GLOBAL PROPERTY TUNDISH_FUZZERS)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/fuzzers.txt CONTENT "${fuzzers}")
  endif()
endfunction()
