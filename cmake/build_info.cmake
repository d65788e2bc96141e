# build_info.h: version, commit, compiler and preset. Written at each build, only when it differs, into a folder that
# only targets with LIBS tundish::build_info see: a new commit recompiles one file of app/.

set(TUNDISH_GENERATED ${PROJECT_BINARY_DIR}/generated)
add_custom_target(build_info_header
  COMMAND ${CMAKE_COMMAND}
    -D SOURCE_DIR=${PROJECT_SOURCE_DIR} -D OUTPUT=${TUNDISH_GENERATED}/build_info.h
    -D VERSION=${PROJECT_VERSION} -D PRESET=${TUNDISH_PRESET}
    -D "COMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    -P ${PROJECT_SOURCE_DIR}/cmake/write_build_info.cmake
  BYPRODUCTS ${TUNDISH_GENERATED}/build_info.h
  COMMENT "build_info.h"
  VERBATIM)
add_library(tundish_build_info INTERFACE)
add_library(tundish::build_info ALIAS tundish_build_info)
add_dependencies(tundish_build_info build_info_header)
target_include_directories(tundish_build_info INTERFACE ${TUNDISH_GENERATED})
