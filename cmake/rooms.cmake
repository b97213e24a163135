# SPDX-License-Identifier: Apache-2.0

# Eight files of a room are compiled as one: most of the time goes into headers and templates that
# they share, and a build from nothing takes a third of it. So what an unnamed namespace holds must
# differ in name within a room. -DNINES_BATCHES=OFF compiles file by file (fuzz, clang-tidy).
option(NINES_BATCHES "compile files of a room together" ON)
function(nines_batches target)
  if(NINES_BATCHES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # g++ takes a source that is included for a header, which others would include too.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# nines_room(NAME [COLD] SOURCES... [LINK ...]): the library nines_NAME of the folder NAME. A COLD
# one, which works at start and when somebody asks, is compiled for size.
# What it links among our rooms is what it may include; tests/tidy_test.cc checks the same table.
function(nines_room name)
  cmake_parse_arguments(ROOM "COLD" "" "SOURCES;LINK" ${ARGN})
  add_library(nines_${name} STATIC ${ROOM_SOURCES})
  nines_batches(nines_${name})
  if(ROOM_COLD)
    target_compile_options(nines_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
  target_link_libraries(nines_${name} PUBLIC nines_settings ${ROOM_LINK} PRIVATE nines_warnings)
endfunction()

# nines_test(NAME SOURCES... [LINK ...]): one test program, run as one test. Its time limit ends
# what hangs; it says nothing of speed, so it leaves room for a busy machine.
function(nines_test name)
  cmake_parse_arguments(T "" "LABEL" "SOURCES;LINK" ${ARGN})
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  add_executable(${name}_test ${T_SOURCES})
  nines_batches(${name}_test)
  target_link_libraries(${name}_test PRIVATE ${T_LINK} nines_settings nines_warnings
    GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE
    NINES_SOURCE_DIR="${CMAKE_SOURCE_DIR}" NINES_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS ${T_LABEL})
endfunction()
