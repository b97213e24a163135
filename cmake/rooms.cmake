# SPDX-License-Identifier: Apache-2.0

# nines_room(NAME [COLD] SOURCES... [LINK ...]): the library nines_NAME of the folder NAME. A COLD
# one, which works at start and when somebody asks, is compiled for size.
# What it links among our rooms is what it may include; tests/tidy_test.cc checks the same table.
function(nines_room name)
  cmake_parse_arguments(ROOM "COLD" "" "SOURCES;LINK" ${ARGN})
  add_library(nines_${name} STATIC ${ROOM_SOURCES})
  if(ROOM_COLD)
    target_compile_options(nines_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
  target_link_libraries(nines_${name} PUBLIC nines_settings ${ROOM_LINK} PRIVATE nines_warnings)
endfunction()

# nines_test(NAME SOURCES... [LINK ...]): one test program, discovered test by test.
function(nines_test name)
  cmake_parse_arguments(T "" "TIMEOUT;LABEL" "SOURCES;LINK" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  add_executable(${name}_test ${T_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${T_LINK} nines_settings nines_warnings
    GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE
    NINES_SOURCE_DIR="${CMAKE_SOURCE_DIR}" NINES_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS ${T_LABEL})
endfunction()
