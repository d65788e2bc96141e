# Script of the target build_info_header. Reads SOURCE_DIR, OUTPUT, VERSION, PRESET, COMPILER.

set(commit "unknown")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(described)
    set(commit ${described})
  endif()
endif()

set(text "// Written by cmake/write_build_info.cmake. Only app/ includes it.
#pragma once

namespace tundish::build_info {
inline constexpr const char* kVersion = \"${VERSION}\";
inline constexpr const char* kCommit = \"${commit}\";
inline constexpr const char* kCompiler = \"${COMPILER}\";
inline constexpr const char* kPreset = \"${PRESET}\";
}  // namespace tundish::build_info
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
